/*
 * http1_head_test.c: heads that are taken, what is read from them, and heads
 * that are not whole yet.  What is refused is in http1_refusal_test.c.
 */
#include "http1/field.h"
#include "http1_ways.h"

#define LINE "BITS_POST /up/f.bin HTTP/1.1\r\n"
#define LINE_10 "BITS_POST /up/f.bin HTTP/1.0\r\n"
#define HOST "Host: server\r\n"

/* What a row leaves out is BITS_POST, /up/f.bin, HTTP/1.1, server, kept
 * alive. */
struct row {
    const char *name;
    struct bits_text input;
    const char *method;
    const char *target;
    const char *host;
    bool old; /* HTTP/1.0 */
    enum bits_framing framing;
    uint64_t length;
    bool closes;
    bool expects;
};

static const struct row rows[] = {
    {"the least", TEXT_INIT(LINE HOST "\r\n")},
    {"another method", TEXT_INIT("POST /up/f.bin HTTP/1.1\r\n" HOST "\r\n"),
     "POST"},
    {"a method of every token byte",
     TEXT_INIT("!#$%&'*+-.^_`|~09azAZ /up/f.bin HTTP/1.1\r\n" HOST "\r\n"),
     "!#$%&'*+-.^_`|~09azAZ"},
    {"the longest method",
     TEXT_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF /up/f.bin HTTP/1.1\r\n" HOST
               "\r\n"),
     "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF"},
    {"absolute form",
     TEXT_INIT("BITS_POST http://other:81/f?a=b HTTP/1.1\r\n" HOST "\r\n"),
     NULL, "http://other:81/f?a=b"},
    {"raw UTF-8 in the target",
     TEXT_INIT("BITS_POST /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"), NULL,
     "/\xc3\xa4"},
    {"one blank line before", TEXT_INIT("\r\n" LINE HOST "\r\n")},
    {"two blank lines before", TEXT_INIT("\r\n\r\n" LINE HOST "\r\n")},

    {"host in lower case", TEXT_INIT(LINE "host: server\r\n\r\n")},
    {"blanks around a value", TEXT_INIT(LINE "Host: \t server\t \r\n\r\n")},
    {"no blank before a value", TEXT_INIT(LINE "Host:server\r\n\r\n")},
    {"host with a port", TEXT_INIT(LINE "Host: s-1_x.example:8080\r\n\r\n"),
     .host = "s-1_x.example:8080"},
    {"host is an IPv6 address",
     TEXT_INIT(LINE "Host: [fe80::1%25lo]:80\r\n\r\n"),
     .host = "[fe80::1%25lo]:80"},
    {"empty host", TEXT_INIT(LINE "Host:\r\n\r\n"), .host = ""},
    {"empty value", TEXT_INIT(LINE HOST "X-Empty:\r\nX-Blank: \t\r\n\r\n")},
    {"colons in a value", TEXT_INIT(LINE HOST "X: a:b::\r\n\r\n")},
    {"every value byte",
     TEXT_INIT(LINE HOST
               "X: \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\x80\xff\r\n\r\n")},
    {"names that only look alike",
     TEXT_INIT(LINE HOST "XHost: a, b\r\nContent-Lengths: x\r\nHosts: /\r\n"
                         "Transfer-Encodings: y\r\nExpects: z\r\n\r\n")},

    {"length 0", TEXT_INIT(LINE HOST "Content-Length: 0\r\n\r\n"),
     .framing = BITS_FRAMING_LENGTH},
    {"length", TEXT_INIT(LINE HOST "CONTENT-length: 5242880\r\n\r\n"),
     .framing = BITS_FRAMING_LENGTH, .length = 5242880},
    {"length with zeros in front",
     TEXT_INIT(LINE HOST "Content-Length: 00000000000000000000000012\r\n\r\n"),
     .framing = BITS_FRAMING_LENGTH, .length = 12},
    {"the longest length",
     TEXT_INIT(LINE HOST "Content-Length: 18446744073709551615\r\n\r\n"),
     .framing = BITS_FRAMING_LENGTH, .length = UINT64_MAX},
    {"length in HTTP/1.0", TEXT_INIT(LINE_10 HOST "Content-Length: 7\r\n\r\n"),
     .old = true, .framing = BITS_FRAMING_LENGTH, .length = 7, .closes = true},
    {"chunked", TEXT_INIT(LINE HOST "Transfer-Encoding: chunked\r\n\r\n"),
     .framing = BITS_FRAMING_CHUNKED},
    {"chunked in capitals",
     TEXT_INIT(LINE HOST "TRANSFER-ENCODING:\tCHUNKED \r\n\r\n"),
     .framing = BITS_FRAMING_CHUNKED},

    {"length of 2^64",
     TEXT_INIT(LINE HOST "Content-Length: 18446744073709551616\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"empty length", TEXT_INIT(LINE HOST "Content-Length:\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"length with plus", TEXT_INIT(LINE HOST "Content-Length: +5\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"length with minus", TEXT_INIT(LINE HOST "Content-Length: -5\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"hexadecimal length", TEXT_INIT(LINE HOST "Content-Length: 0x5\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"length of two numbers",
     TEXT_INIT(LINE HOST "Content-Length: 5 6\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"length with a fraction",
     TEXT_INIT(LINE HOST "Content-Length: 5.0\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"length with an underscore",
     TEXT_INIT(LINE HOST "Content-Length: 1_0\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},
    {"length with a byte above ASCII",
     TEXT_INIT(LINE HOST "Content-Length: 5\xa0\r\n\r\n"),
     .framing = BITS_FRAMING_MALFORMED},

    {"close", TEXT_INIT(LINE HOST "Connection: close\r\n\r\n"), .closes = true},
    {"Close", TEXT_INIT(LINE HOST "connection: CloSe\r\n\r\n"), .closes = true},
    {"close in a list",
     TEXT_INIT(LINE HOST "Connection: upgrade ,\tclose , x\r\n\r\n"),
     .closes = true},
    {"close in a second line",
     TEXT_INIT(LINE HOST "Connection: Keep-Alive\r\nConnection: close\r\n\r\n"),
     .closes = true},
    {"close before keep-alive",
     TEXT_INIT(LINE HOST "Connection: close, keep-alive\r\n\r\n"),
     .closes = true},
    {"keep-alive", TEXT_INIT(LINE HOST "Connection: Keep-Alive\r\n\r\n")},
    {"other connection options",
     TEXT_INIT(LINE HOST "Connection: closed, not-close\r\n\r\n")},
    {"empty connection", TEXT_INIT(LINE HOST "Connection: ,, \r\n\r\n")},

    {"HTTP/1.0", TEXT_INIT(LINE_10 HOST "\r\n"), .old = true, .closes = true},
    {"HTTP/1.0 without host", TEXT_INIT(LINE_10 "\r\n"), .host = "",
     .old = true, .closes = true},
    {"HTTP/1.0 keep-alive",
     TEXT_INIT(LINE_10 HOST "Connection: keep-alive\r\n\r\n"), .old = true},
    {"HTTP/1.0 Keep-Alive in a list",
     TEXT_INIT(LINE_10 HOST "Connection: a, KEEP-ALIVE\r\n\r\n"), .old = true},
    {"HTTP/1.0 keep-alive and close",
     TEXT_INIT(LINE_10 HOST
               "Connection: keep-alive\r\nConnection: close\r\n\r\n"),
     .old = true, .closes = true},

    {"expect", TEXT_INIT(LINE HOST "Expect: 100-continue\r\n\r\n"),
     .expects = true},
    {"EXPECT", TEXT_INIT(LINE HOST "EXPECT: 100-Continue\r\n\r\n"),
     .expects = true},
    {"expect twice",
     TEXT_INIT(LINE HOST
               "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n"),
     .expects = true},
    {"expect nothing", TEXT_INIT(LINE HOST "Expect:\r\n\r\n")},
    {"expect in HTTP/1.0",
     TEXT_INIT(LINE_10 HOST "Expect: 100-continue\r\n\r\n"), .old = true,
     .closes = true},

    {"a recorded Windows head",
     TEXT_INIT("BITS_POST /BITS-Upload/f.bin HTTP/1.1\r\nAccept: */*\r\n"
               "BITS-Packet-Type: Fragment\r\nContent-Name: f.bin\r\n"
               "Content-Range: bytes 0-4891/4892\r\nUser-Agent: Microsoft "
               "BITS/6.7\r\nHost: server\r\nContent-Length: 4892\r\n"
               "Connection: Keep-Alive\r\n\r\n"),
     NULL, "/BITS-Upload/f.bin", .framing = BITS_FRAMING_LENGTH,
     .length = 4892},
};

static void expect_text(const struct row *row, const char *what,
                        struct bits_text text, const char *wanted)
{
    if (!text_equal(text, text_of(wanted))) {
        fail_msg("%s: %s is \"%.*s\", not \"%s\"", row->name, what,
                 (int)text.len, text.ptr, wanted);
    }
}

static void expect_number(const struct row *row, const char *what,
                          uint64_t number, uint64_t wanted)
{
    if (number != wanted) {
        fail_msg("%s: %s is %ju, not %ju", row->name, what, (uintmax_t)number,
                 (uintmax_t)wanted);
    }
}

static void expect_row(const struct row *row, const struct verdict *verdict)
{
    const struct http1_head *head = &verdict->head;

    if (verdict->result != HTTP1_DONE) {
        fail_msg("%s: result %d, %s", row->name, (int)verdict->result,
                 verdict->offence.reason ? verdict->offence.reason : "-");
    }
    expect_number(row, "used", verdict->used, row->input.len);
    expect_text(row, "method", head->method,
                row->method ? row->method : "BITS_POST");
    expect_text(row, "target", head->target,
                row->target ? row->target : "/up/f.bin");
    expect_number(row, "minor", head->minor, row->old ? 0 : 1);
    expect_text(row, "host", head->host, row->host ? row->host : "server");
    expect_number(row, "framing", head->framing, row->framing);
    expect_number(row, "length", head->content_length, row->length);
    expect_number(row, "keep_alive", head->keep_alive, !row->closes);
    expect_number(row, "expect", head->expect_continue, row->expects);
}

static void sound_heads_are_read_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict = ways_judge(rows[i].name, rows[i].input);

        expect_row(&rows[i], &verdict);
    }
}

static void bytes_behind_a_head_are_not_parsed(void **state)
{
    struct bits_text input =
        TEXT(LINE HOST "Content-Length: 3\r\n\r\n\x16\0\n" LINE HOST "\r\n");
    struct verdict verdict = ways_judge("pipelined", input);

    (void)state;
    assert_int_equal(verdict.result, HTTP1_DONE);
    assert_int_equal(verdict.used,
                     sizeof(LINE HOST "Content-Length: 3\r\n\r\n") - 1);
    assert_int_equal(verdict.head.content_length, 3);
}

static void the_longest_target_is_taken(void **state)
{
    static const char before[] = "BITS_POST ";
    static const char after[] = " HTTP/1.1\r\n" HOST "\r\n";
    char text[sizeof(before) - 1 + HTTP1_TARGET_MAX + sizeof(after) - 1];
    struct verdict verdict;

    (void)state;
    memset(text, '/', sizeof(text));
    memcpy(text, before, sizeof(before) - 1);
    memcpy(text + sizeof(text) - (sizeof(after) - 1), after, sizeof(after) - 1);
    verdict = ways_judge("longest", (struct bits_text){text, sizeof(text)});
    assert_int_equal(verdict.result, HTTP1_DONE);
    assert_int_equal(verdict.head.target.len, HTTP1_TARGET_MAX);
}

static void an_unfinished_head_is_partial(void **state)
{
    static const struct bits_text inputs[] = {
        TEXT_INIT(""),
        TEXT_INIT("\r"),
        TEXT_INIT("\r\n"),
        TEXT_INIT("\r\n\r"),
        TEXT_INIT("\r\n\r\n"),
        TEXT_INIT("B"),
        TEXT_INIT(LINE),
        TEXT_INIT(LINE HOST),
        TEXT_INIT(LINE HOST "\r"),
        TEXT_INIT(LINE HOST "Content-Len"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        struct verdict verdict = ways_judge(inputs[i].ptr, inputs[i]);

        assert_int_equal(verdict.result, HTTP1_PARTIAL);
    }
    assert_int_equal(ways_parse((struct bits_text){NULL, 0}, 0).result,
                     HTTP1_PARTIAL);
}

/* Else a head that trickles in costs the square of its length. */
static void a_partial_head_is_not_parsed_again_from_its_start(void **state)
{
    char line[9000];
    char text[] = LINE HOST "X: y\r\nY: z\r\nZ: ";
    struct bits_text input = {text, sizeof(text) - 1};
    size_t scanned = input.len - strlen("Y: z\r\nZ: ");

    (void)state;
    assert_int_equal(ways_parse(input, scanned).result, HTTP1_PARTIAL);
    text[sizeof(LINE HOST)] = '\0';
    assert_int_equal(ways_parse(input, 0).result, HTTP1_REFUSED);
    assert_int_equal(ways_parse(input, scanned).result, HTTP1_PARTIAL);

    memset(line, 'x', sizeof(line));
    memcpy(line, "POST /", strlen("POST /"));
    input = (struct bits_text){line, sizeof(line)};
    assert_int_equal(ways_parse(input, 0).result, HTTP1_REFUSED);
    assert_int_equal(ways_parse(input, 8500).result, HTTP1_PARTIAL);
}

static void fields_come_in_their_order_and_trimmed(void **state)
{
    static const char *const wanted[][2] = {
        {"Host", "server"},
        {"x-a", "1:  2"},
        {"X-B", ""},
        {"X-C", ""},
    };
    struct bits_text input =
        TEXT(LINE HOST "x-a:\t1:  2 \r\nX-B:\r\nX-C:  \r\n\r\n");
    struct verdict verdict = ways_judge("fields", input);
    struct bits_text cursor = verdict.head.fields;
    struct bits_text name;
    struct bits_text value;

    (void)state;
    assert_int_equal(verdict.result, HTTP1_DONE);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        assert_true(http1_next_field(&cursor, &name, &value));
        assert_true(text_equal(name, text_of(wanted[i][0])));
        assert_true(text_equal(value, text_of(wanted[i][1])));
    }
    assert_false(http1_next_field(&cursor, &name, &value));
}

static void outputs_stay_untouched_when_they_have_no_meaning(void **state)
{
    struct http1_head head = {.minor = 77};
    size_t used = 77;
    struct http1_offence offence = {77, "untouched"};
    struct bits_text refused = TEXT(LINE "Host : server\r\n\r\n");

    (void)state;
    assert_int_equal(http1_head_parse(TEXT(LINE), 0, &head, &used, &offence),
                     HTTP1_PARTIAL);
    assert_int_equal(offence.status, 77);
    assert_string_equal(offence.reason, "untouched");
    assert_int_equal(http1_head_parse(refused, 0, &head, &used, &offence),
                     HTTP1_REFUSED);
    assert_int_equal(head.minor, 77);
    assert_int_equal(used, 77);
    assert_int_equal(offence.status, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_heads_are_read_however_they_are_cut),
        cmocka_unit_test(bytes_behind_a_head_are_not_parsed),
        cmocka_unit_test(the_longest_target_is_taken),
        cmocka_unit_test(an_unfinished_head_is_partial),
        cmocka_unit_test(a_partial_head_is_not_parsed_again_from_its_start),
        cmocka_unit_test(fields_come_in_their_order_and_trimmed),
        cmocka_unit_test(outputs_stay_untouched_when_they_have_no_meaning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
