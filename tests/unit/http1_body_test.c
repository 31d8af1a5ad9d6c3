/*
 * http1_body_test.c: where bodies end and what their content is, fed whole,
 * byte by byte and cut at every place; every piece ends at a page without
 * rights.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "http1/body.h"
#include "http1_guard.h"

/* What feeding brought. */
struct fed {
    enum http1_body_state state;
    char content[HTTP1_TRAILERS_MAX];
    size_t content_len;
    size_t used;
};

static void feed(struct http1_body *body, struct bits_text piece,
                 struct fed *fed)
{
    while (piece.len > 0 && fed->state == HTTP1_BODY_CONTENT) {
        size_t before = piece.len;
        uint64_t left = http1_body_left(body);
        struct bits_text content;

        fed->state = http1_body_take(body, &piece, &content);
        fed->used += before - piece.len;
        assert_true(content.len <= before - piece.len);
        if (left > 0) {
            assert_int_equal(content.len, left < before ? left : before);
        }
        assert_true(content.len <= sizeof(fed->content) - fed->content_len);
        memcpy(fed->content + fed->content_len, content.ptr, content.len);
        fed->content_len += content.len;
    }
}

static void start(struct http1_body *body, enum bits_framing framing,
                  uint64_t length, struct fed *fed)
{
    struct bits_text nothing = {NULL, 0};
    struct bits_text content;

    http1_body_init(body, framing, length);
    *fed = (struct fed){0};
    fed->state = http1_body_take(body, &nothing, &content);
    assert_int_equal(content.len, 0);
}

static void expect_same(const char *name, const struct fed *a,
                        const struct fed *b)
{
    if (a->state != b->state || a->used != b->used ||
        a->content_len != b->content_len ||
        memcmp(a->content, b->content, a->content_len) != 0) {
        fail_msg("%s: depends on the cut: state %d and %d, used %zu and %zu",
                 name, (int)a->state, (int)b->state, a->used, b->used);
    }
}

static void feed_in_two(const struct guard *guard, enum bits_framing framing,
                        uint64_t length, struct bits_text input, size_t cut,
                        struct fed *fed)
{
    struct bits_text front = {input.ptr, cut};
    struct bits_text back = {input.ptr + cut, input.len - cut};
    struct http1_body body;

    start(&body, framing, length, fed);
    feed(&body, guard_place(guard, front), fed);
    feed(&body, guard_place(guard, back), fed);
}

static void feed_bytes(const struct guard *guard, enum bits_framing framing,
                       uint64_t length, struct bits_text input, struct fed *fed)
{
    struct http1_body body;

    start(&body, framing, length, fed);
    for (size_t i = 0; i < input.len; i++) {
        struct bits_text byte = {input.ptr + i, 1};

        feed(&body, guard_place(guard, byte), fed);
    }
}

/* Feeds the input in every way; all of them bring the same. */
static void read_body(const char *name, enum bits_framing framing,
                      uint64_t length, struct bits_text input,
                      struct fed *ret_fed)
{
    struct guard guard = guard_open();
    struct fed other;

    feed_in_two(&guard, framing, length, input, input.len, ret_fed);
    feed_bytes(&guard, framing, length, input, &other);
    expect_same(name, ret_fed, &other);
    for (size_t cut = 0; cut < input.len; cut++) {
        feed_in_two(&guard, framing, length, input, cut, &other);
        expect_same(name, ret_fed, &other);
    }
    guard_close(&guard);
}

static void a_body_of_no_length_ends_at_once(void **state)
{
    static const enum bits_framing framings[] = {BITS_FRAMING_NONE,
                                                 BITS_FRAMING_LENGTH};
    struct fed fed;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        read_body("empty", framings[i], 0, TEXT("next"), &fed);
        assert_int_equal(fed.state, HTTP1_BODY_END);
        assert_int_equal(fed.used, 0);
    }
}

static void a_length_is_taken_and_no_more(void **state)
{
    struct fed fed;

    (void)state;
    read_body("exact", BITS_FRAMING_LENGTH, 5, TEXT("hello"), &fed);
    assert_int_equal(fed.state, HTTP1_BODY_END);
    assert_int_equal(fed.used, 5);
    read_body("more", BITS_FRAMING_LENGTH, 5, TEXT("helloPOST"), &fed);
    assert_int_equal(fed.state, HTTP1_BODY_END);
    assert_int_equal(fed.used, 5);
    assert_memory_equal(fed.content, "hello", 5);
    read_body("less", BITS_FRAMING_LENGTH, 5, TEXT("hell"), &fed);
    assert_int_equal(fed.state, HTTP1_BODY_CONTENT);
    assert_int_equal(fed.content_len, 4);
    read_body("2^64 - 1", BITS_FRAMING_LENGTH, UINT64_MAX, TEXT("x"), &fed);
    assert_int_equal(fed.state, HTTP1_BODY_CONTENT);
    assert_int_equal(fed.content_len, 1);
}

struct row {
    const char *name;
    struct bits_text input;
    const char *content;
    struct bits_text rest; /* what is not the body's */
};

static void chunked_bodies_are_read_to_their_end(void **state)
{
    static const struct row rows[] = {
        {"empty", TEXT_INIT("0\r\n\r\n"), ""},
        {"many zeros", TEXT_INIT("000\r\n\r\n"), ""},
        {"one chunk", TEXT_INIT("5\r\nhello\r\n0\r\n\r\n"), "hello"},
        {"two chunks", TEXT_INIT("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), "hello"},
        {"hexadecimal",
         TEXT_INIT("0A\r\n0123456789\r\na\r\nabcdefghij\r\n"
                   "0\r\n\r\n"),
         "0123456789abcdefghij"},
        {"content like framing", TEXT_INIT("7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n"),
         "0\r\n\r\n\r\n"},
        {"extensions", TEXT_INIT("2;a=b;c=\"d,\xe4\t\"\r\nhe\r\n0;x\r\n\r\n"),
         "he"},
        {"empty extension", TEXT_INIT("2;\r\nhe\r\n0\r\n\r\n"), "he"},
        {"trailers", TEXT_INIT("2\r\nhe\r\n0\r\nX: y\r\nDigest:\r\n\r\n"),
         "he"},
        {"next request", TEXT_INIT("1\r\nh\r\n0\r\n\r\nBITS"), "h",
         TEXT_INIT("BITS")},
        {"next request, trailers", TEXT_INIT("0\r\nX: y\r\n\r\n\r\n"), "",
         TEXT_INIT("\r\n")},
        {"sixteen digits", TEXT_INIT("0000000000000002\r\nhe\r\n0\r\n\r\n"),
         "he"},
        {"twenty digits", TEXT_INIT("00000000000000000002\r\nhe\r\n0\r\n\r\n"),
         "he"},
    };
    struct fed fed;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_text wanted = text_of(rows[i].content);

        read_body(rows[i].name, BITS_FRAMING_CHUNKED, 0, rows[i].input, &fed);
        if (fed.state != HTTP1_BODY_END ||
            fed.used + rows[i].rest.len != rows[i].input.len ||
            !text_equal((struct bits_text){fed.content, fed.content_len},
                        wanted)) {
            fail_msg("%s: state %d, used %zu, content \"%.*s\"", rows[i].name,
                     (int)fed.state, fed.used, (int)fed.content_len,
                     fed.content);
        }
    }
}

static void a_cut_chunked_body_waits_for_more(void **state)
{
    struct bits_text whole = TEXT("2;x\r\nhe\r\n0;y\r\nX: y\r\n\r\n");
    struct fed fed;

    (void)state;
    for (size_t len = 0; len < whole.len; len++) {
        struct bits_text front = {whole.ptr, len};

        read_body("cut", BITS_FRAMING_CHUNKED, 0, front, &fed);
        assert_int_equal(fed.state, HTTP1_BODY_CONTENT);
        assert_int_equal(fed.used, len);
    }
}

/* `rest` is what stands behind the byte that cannot be. */
static void malformed_chunks_are_broken(void **state)
{
    static const struct row rows[] = {
        {"no size", TEXT_INIT("\r\n"), "", TEXT_INIT("\n")},
        {"extension without size", TEXT_INIT(";x\r\n"), "", TEXT_INIT("x\r\n")},
        {"blank in front", TEXT_INIT(" 2\r\nhe"), "", TEXT_INIT("2\r\nhe")},
        {"HTAB in front", TEXT_INIT("\t2\r\n"), "", TEXT_INIT("2\r\n")},
        {"blank behind", TEXT_INIT("2 \r\nhe"), "", TEXT_INIT("\r\nhe")},
        {"blank before the extension", TEXT_INIT("2 ;x\r\n"), "",
         TEXT_INIT(";x\r\n")},
        {"0x", TEXT_INIT("0x2\r\nhe"), "", TEXT_INIT("2\r\nhe")},
        {"plus", TEXT_INIT("+2\r\nhe"), "", TEXT_INIT("2\r\nhe")},
        {"minus", TEXT_INIT("-2\r\nhe"), "", TEXT_INIT("2\r\nhe")},
        {"underscore", TEXT_INIT("1_0\r\n"), "", TEXT_INIT("0\r\n")},
        {"no digit", TEXT_INIT("g\r\n"), "", TEXT_INIT("\r\n")},
        {"NUL", TEXT_INIT("2\0\r\n"), "", TEXT_INIT("\r\n")},
        {"quote", TEXT_INIT("\"2\"\r\n"), "", TEXT_INIT("2\"\r\n")},
        {"2^64", TEXT_INIT("10000000000000000\r\n"), "", TEXT_INIT("\r\n")},
        {"far above 2^64", TEXT_INIT("fffffffffffffffff\r\n"), "",
         TEXT_INIT("\r\n")},
        {"2^68 + 2", TEXT_INIT("100000000000000002\r\n"), "",
         TEXT_INIT("2\r\n")},
        {"size ends in LF", TEXT_INIT("2\nhe\r\n"), "", TEXT_INIT("he\r\n")},
        {"size ends in CR", TEXT_INIT("2\rhe\r\n"), "", TEXT_INIT("e\r\n")},
        {"size ends in CR CR LF", TEXT_INIT("2\r\r\nhe"), "",
         TEXT_INIT("\nhe")},
        {"LF in the extension", TEXT_INIT("2;x\nhe\r\n"), "",
         TEXT_INIT("he\r\n")},
        {"CR in the extension", TEXT_INIT("2;x\ry\r\n"), "", TEXT_INIT("\r\n")},
        {"NUL in the extension", TEXT_INIT("2;\0\r\n"), "", TEXT_INIT("\r\n")},
        {"DEL in the extension", TEXT_INIT("2;\x7f\r\n"), "",
         TEXT_INIT("\r\n")},
        {"content too long", TEXT_INIT("2\r\nhel\r\n"), "he",
         TEXT_INIT("\r\n")},
        {"content too short", TEXT_INIT("3\r\nhe\r\n0\r\n\r\n"), "he\r",
         TEXT_INIT("0\r\n\r\n")},
        {"content ends in LF", TEXT_INIT("2\r\nhe\n0\r\n"), "he",
         TEXT_INIT("0\r\n")},
        {"content ends in CR", TEXT_INIT("2\r\nhe\r0\r\n"), "he",
         TEXT_INIT("\r\n")},
        {"no line end", TEXT_INIT("2\r\nhe0\r\n"), "he", TEXT_INIT("\r\n")},
        {"the end is LF", TEXT_INIT("0\r\n\n"), "", TEXT_INIT("")},
        {"the end is CR", TEXT_INIT("0\r\n\rX"), "", TEXT_INIT("")},
        {"last chunk ends in LF", TEXT_INIT("0\n\r\n"), "", TEXT_INIT("\r\n")},
        {"folded trailer", TEXT_INIT("0\r\nX: y\r\n z\r\n\r\n"), "",
         TEXT_INIT("z\r\n\r\n")},
        {"trailer without colon", TEXT_INIT("0\r\nXy\r\n\r\n"), "",
         TEXT_INIT("\n\r\n")},
        {"trailer without name", TEXT_INIT("0\r\n: y\r\n\r\n"), "",
         TEXT_INIT(" y\r\n\r\n")},
        {"blank before the colon", TEXT_INIT("0\r\nX : y\r\n"), "",
         TEXT_INIT(": y\r\n")},
        {"NUL in a trailer", TEXT_INIT("0\r\nX: \0\r\n"), "",
         TEXT_INIT("\r\n")},
        {"LF in a trailer", TEXT_INIT("0\r\nX: y\n\r\n"), "",
         TEXT_INIT("\r\n")},
        {"CR in a trailer", TEXT_INIT("0\r\nX: y\rz\r\n"), "",
         TEXT_INIT("\r\n")},
    };
    struct fed fed;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_text wanted = text_of(rows[i].content);

        read_body(rows[i].name, BITS_FRAMING_CHUNKED, 0, rows[i].input, &fed);
        if (fed.state != HTTP1_BODY_BROKEN ||
            fed.used + rows[i].rest.len != rows[i].input.len ||
            !text_equal((struct bits_text){fed.content, fed.content_len},
                        wanted)) {
            fail_msg("%s: state %d, used %zu, content \"%.*s\"", rows[i].name,
                     (int)fed.state, fed.used, (int)fed.content_len,
                     fed.content);
        }
    }
}

/* Feeds one text piece and returns the state afterwards. */
static enum http1_body_state push(struct http1_body *body,
                                  struct bits_text piece)
{
    enum http1_body_state state = HTTP1_BODY_CONTENT;

    while (piece.len > 0 && state == HTTP1_BODY_CONTENT) {
        struct bits_text content;

        state = http1_body_take(body, &piece, &content);
    }
    return state;
}

/* Feeds `before`, as many x as make the line `len` bytes long with its CRLF,
 * and CRLF. */
static enum http1_body_state push_line(struct http1_body *body,
                                       struct bits_text before, size_t len)
{
    char line[HTTP1_CHUNK_LINE_MAX + 1];

    assert_true(len <= sizeof(line));
    memset(line, 'x', sizeof(line));
    memcpy(line, before.ptr, before.len);
    memcpy(line + len - 2, "\r\n", 2);
    return push(body, (struct bits_text){line, len});
}

static void lines_of_a_chunked_body_are_bounded(void **state)
{
    struct http1_body body;

    (void)state;
    http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(push_line(&body, TEXT("2;"), HTTP1_CHUNK_LINE_MAX),
                         HTTP1_BODY_CONTENT);
        assert_int_equal(push(&body, TEXT("he\r\n")), HTTP1_BODY_CONTENT);
    }
    assert_int_equal(push_line(&body, TEXT("0;"), HTTP1_CHUNK_LINE_MAX),
                     HTTP1_BODY_CONTENT);
    assert_int_equal(push_line(&body, TEXT("X:"), HTTP1_CHUNK_LINE_MAX),
                     HTTP1_BODY_CONTENT);
    assert_int_equal(push(&body, TEXT("\r\n")), HTTP1_BODY_END);

    http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
    assert_int_equal(push_line(&body, TEXT("2;"), HTTP1_CHUNK_LINE_MAX + 1),
                     HTTP1_BODY_BROKEN);
    http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
    assert_int_equal(push(&body, TEXT("0\r\n")), HTTP1_BODY_CONTENT);
    assert_int_equal(push_line(&body, TEXT("X:"), HTTP1_CHUNK_LINE_MAX + 1),
                     HTTP1_BODY_BROKEN);
}

static void a_size_of_endless_zeros_is_broken(void **state)
{
    struct http1_body body;
    char zeros[HTTP1_CHUNK_LINE_MAX + 1];

    (void)state;
    memset(zeros, '0', sizeof(zeros));
    http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
    assert_int_equal(push(&body, (struct bits_text){zeros, sizeof(zeros)}),
                     HTTP1_BODY_BROKEN);
}

static void all_trailers_together_are_bounded(void **state)
{
    struct http1_body body;

    (void)state;
    for (int over = 0; over < 2; over++) {
        http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
        assert_int_equal(push(&body, TEXT("0\r\n")), HTTP1_BODY_CONTENT);
        for (size_t i = 1; i < HTTP1_TRAILERS_MAX / 1024; i++) {
            assert_int_equal(push_line(&body, TEXT("X:"), 1024),
                             HTTP1_BODY_CONTENT);
        }
        assert_int_equal(push_line(&body, TEXT("X:"), 1024 + (size_t)over),
                         over ? HTTP1_BODY_BROKEN : HTTP1_BODY_CONTENT);
        assert_int_equal(push(&body, TEXT("\r\n")),
                         over ? HTTP1_BODY_BROKEN : HTTP1_BODY_END);
    }
}

static void counts_the_bytes_that_are_left_of_the_length(void **state)
{
    struct http1_body body;

    (void)state;
    http1_body_init(&body, BITS_FRAMING_NONE, 9);
    assert_int_equal(http1_body_left(&body), 0);
    http1_body_init(&body, BITS_FRAMING_LENGTH, 9);
    assert_int_equal(http1_body_left(&body), 9);
    (void)push(&body, TEXT("1234"));
    assert_int_equal(http1_body_left(&body), 5);

    http1_body_init(&body, BITS_FRAMING_CHUNKED, 9);
    assert_int_equal(http1_body_left(&body), 0);
    (void)push(&body, TEXT("ffffffffffffffff"));
    assert_int_equal(http1_body_left(&body), 0);
    (void)push(&body, TEXT("\r\n"));
    assert_true(http1_body_left(&body) == UINT64_MAX);
    (void)push(&body, TEXT("x"));
    assert_true(http1_body_left(&body) == UINT64_MAX - 1);
}

static void content_that_went_another_way_counts(void **state)
{
    struct bits_text rest = TEXT("next");
    struct bits_text content;
    struct http1_body body;

    (void)state;
    http1_body_init(&body, BITS_FRAMING_LENGTH, 9);
    assert_int_equal(http1_body_pass(&body, 5), HTTP1_BODY_CONTENT);
    assert_int_equal(http1_body_left(&body), 4);
    assert_int_equal(http1_body_pass(&body, 4), HTTP1_BODY_END);
    assert_int_equal(http1_body_take(&body, &rest, &content), HTTP1_BODY_END);
    assert_int_equal(rest.len, 4);
}

static void an_end_takes_nothing_more(void **state)
{
    struct bits_text rest = TEXT("next");
    struct bits_text content;
    struct http1_body body;

    (void)state;
    http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
    assert_int_equal(push(&body, TEXT("0\r\n\r\n")), HTTP1_BODY_END);
    assert_int_equal(http1_body_take(&body, &rest, &content), HTTP1_BODY_END);
    assert_int_equal(rest.len, 4);
    assert_int_equal(content.len, 0);

    http1_body_init(&body, BITS_FRAMING_CHUNKED, 0);
    assert_int_equal(push(&body, TEXT("x")), HTTP1_BODY_BROKEN);
    assert_int_equal(http1_body_take(&body, &rest, &content),
                     HTTP1_BODY_BROKEN);
    assert_int_equal(content.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_of_no_length_ends_at_once),
        cmocka_unit_test(a_length_is_taken_and_no_more),
        cmocka_unit_test(chunked_bodies_are_read_to_their_end),
        cmocka_unit_test(a_cut_chunked_body_waits_for_more),
        cmocka_unit_test(malformed_chunks_are_broken),
        cmocka_unit_test(lines_of_a_chunked_body_are_bounded),
        cmocka_unit_test(a_size_of_endless_zeros_is_broken),
        cmocka_unit_test(all_trailers_together_are_bounded),
        cmocka_unit_test(counts_the_bytes_that_are_left_of_the_length),
        cmocka_unit_test(content_that_went_another_way_counts),
        cmocka_unit_test(an_end_takes_nothing_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
