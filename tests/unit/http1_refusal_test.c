/*
 * http1_refusal_test.c: heads that are refused, the tricks of request
 * smuggling first, each with its status; and how early.
 */
#include "http1_ways.h"

#define LINE "BITS_POST /up/f.bin HTTP/1.1\r\n"
#define LINE_10 "BITS_POST /up/f.bin HTTP/1.0\r\n"
#define HOST "Host: server\r\n"
#define TE "Transfer-Encoding: chunked\r\n"
#define CL "Content-Length: 5\r\n"

struct row {
    const char *name;
    struct bits_text input;
    unsigned status; /* 0: 400 */
};

static void expect_refusals(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct verdict verdict = ways_judge(rows[i].name, rows[i].input);
        unsigned status = rows[i].status ? rows[i].status : 400;

        if (verdict.result != HTTP1_REFUSED ||
            verdict.offence.status != status) {
            fail_msg("%s: result %d, status %u, not REFUSED with %u",
                     rows[i].name, (int)verdict.result, verdict.offence.status,
                     status);
        }
        assert_non_null(verdict.offence.reason);
    }
}

#define EXPECT_REFUSALS(rows)                                                  \
    expect_refusals((rows), sizeof(rows) / sizeof((rows)[0]))

static void two_framings_are_refused(void **state)
{
    static const struct row rows[] = {
        {"CL.TE", TEXT_INIT(LINE HOST CL TE "\r\n")},
        {"TE.CL", TEXT_INIT(LINE HOST TE CL "\r\n")},
        {"TE and length 0",
         TEXT_INIT(LINE HOST TE "Content-Length: 0\r\n\r\n")},
        {"TE and bad length",
         TEXT_INIT(LINE HOST TE "Content-Length: x\r\n\r\n")},
        {"TE and empty length",
         TEXT_INIT(LINE HOST TE "Content-Length:\r\n\r\n")},
        {"different case",
         TEXT_INIT(LINE HOST "content-length: 5\r\n"
                             "TRANSFER-ENCODING: chunked\r\n\r\n")},
        {"HTTP/1.0, CL.TE", TEXT_INIT(LINE_10 HOST CL TE "\r\n")},
        {"HTTP/1.0, TE", TEXT_INIT(LINE_10 HOST TE "\r\n")},
        {"HTTP/1.0, TE identity",
         TEXT_INIT(LINE_10 HOST "Transfer-Encoding: identity\r\n\r\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

static void repeated_lengths_are_refused(void **state)
{
    static const struct row rows[] = {
        {"two lengths", TEXT_INIT(LINE HOST CL "Content-Length: 6\r\n\r\n")},
        {"two equal lengths", TEXT_INIT(LINE HOST CL CL "\r\n")},
        {"two lengths, apart",
         TEXT_INIT(LINE CL HOST "content-length: 0\r\n\r\n")},
        {"list", TEXT_INIT(LINE HOST "Content-Length: 5, 6\r\n\r\n")},
        {"list of equals", TEXT_INIT(LINE HOST "Content-Length: 5, 5\r\n\r\n")},
        {"tight list", TEXT_INIT(LINE HOST "Content-Length: 5,5\r\n\r\n")},
        {"list with nothing in it",
         TEXT_INIT(LINE HOST "Content-Length: 5,\r\n\r\n")},
        {"two malformed",
         TEXT_INIT(LINE HOST "Content-Length: x\r\n" CL "\r\n")},
        {"empty and full",
         TEXT_INIT(LINE HOST "Content-Length:\r\n" CL "\r\n")},
        {"HTTP/1.0", TEXT_INIT(LINE_10 HOST CL CL "\r\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

#define CODING(value) TEXT_INIT(LINE HOST "Transfer-Encoding:" value "\r\n\r\n")

static void codings_but_chunked_are_refused(void **state)
{
    static const struct row rows[] = {
        {"empty", CODING("")},
        {"identity", CODING(" identity")},
        {"gzip", CODING(" gzip")},
        {"gzip, chunked", CODING(" gzip, chunked")},
        {"chunked, gzip", CODING(" chunked, gzip")},
        {"chunked twice", CODING(" chunked, chunked")},
        {"comma before", CODING(" ,chunked")},
        {"comma behind", CODING(" chunked,")},
        {"identity, chunked", CODING(" identity, chunked")},
        {"xchunked", CODING(" xchunked")},
        {"chunkedx", CODING(" chunkedx")},
        {"chunke", CODING(" chunke")},
        {"parameter", CODING(" chunked;q=1")},
        {"quoted", CODING(" \"chunked\"")},
        {"single quoted", CODING(" 'chunked'")},
        {"vertical tab", CODING(" \x0b"
                                "chunked")},
        {"form feed", CODING(" chunked\x0c")},
        {"NUL behind", CODING(" chunked\0")},
        {"DEL behind", CODING(" chunked\x7f")},
        {"non-breaking blank", CODING(" \xa0"
                                      "chunked")},
        {"colon", CODING(": chunked")},
        {"CR in front", CODING("\rchunked")},
        {"LF in front", CODING("\nchunked")},
        {"folded", CODING("\r\n chunked")},
        {"folded with HTAB", CODING("\r\n\tchunked")},
        {"folded behind", CODING(" chunked\r\n , identity")},
        {"two lines", TEXT_INIT(LINE HOST TE TE "\r\n")},
        {"chunked, then identity",
         TEXT_INIT(LINE HOST TE "Transfer-Encoding: identity\r\n\r\n")},
        {"identity, then chunked",
         TEXT_INIT(LINE HOST "Transfer-Encoding: identity\r\n" TE "\r\n")},
        {"chunked, then x",
         TEXT_INIT(LINE HOST TE "Transfer-encoding: x\r\n\r\n")},
        {"chunked, then empty",
         TEXT_INIT(LINE HOST TE "Transfer-Encoding:\r\n\r\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

static void malformed_field_lines_are_refused(void **state)
{
    static const struct row rows[] = {
        {"blank before the colon",
         TEXT_INIT(LINE HOST "Transfer-Encoding : chunked\r\n\r\n")},
        {"HTAB before the colon",
         TEXT_INIT(LINE HOST "Content-Length\t: 5\r\n\r\n")},
        {"blank in front", TEXT_INIT(LINE HOST " " TE "\r\n")},
        {"HTAB in front", TEXT_INIT(LINE HOST "\t" TE "\r\n")},
        {"first line is folded", TEXT_INIT(LINE " X: y\r\n" HOST "\r\n")},
        {"line of one blank", TEXT_INIT(LINE HOST " \r\n\r\n")},
        {"folded value", TEXT_INIT(LINE HOST "X: a\r\n b\r\n\r\n")},
        {"no colon", TEXT_INIT(LINE HOST "Content-Length\r\n\r\n")},
        {"no name", TEXT_INIT(LINE HOST ": 5\r\n\r\n")},
        {"blank in the name", TEXT_INIT(LINE HOST "Content Length: 5\r\n\r\n")},
        {"CR in the name", TEXT_INIT(LINE HOST "X\rY: 5\r\n\r\n")},
        {"CR before the name", TEXT_INIT(LINE HOST "\rX: 5\r\n\r\n")},
        {"NUL in the name", TEXT_INIT(LINE HOST "Content\0-Length: 5\r\n\r\n")},
        {"NUL behind the name",
         TEXT_INIT(LINE HOST "Content-Length\0: 5\r\n\r\n")},
        {"slash in the name", TEXT_INIT(LINE HOST "X/Y: 5\r\n\r\n")},
        {"quote in the name", TEXT_INIT(LINE HOST "\"X\": 5\r\n\r\n")},
        {"parenthesis in the name", TEXT_INIT(LINE HOST "X(: 5\r\n\r\n")},
        {"brace in the name", TEXT_INIT(LINE HOST "{X}: 5\r\n\r\n")},
        {"DEL in the name", TEXT_INIT(LINE HOST "X\x7f: 5\r\n\r\n")},
        {"byte above ASCII in the name",
         TEXT_INIT(LINE HOST "X\xe4: 5\r\n\r\n")},
        {"byte order mark", TEXT_INIT(LINE HOST "\xef\xbb\xbfX: 5\r\n\r\n")},
        {"NUL in a value", TEXT_INIT(LINE HOST "X: a\0b\r\n\r\n")},
        {"escape in a value", TEXT_INIT(LINE HOST "X: a\x1b"
                                                  "b\r\n\r\n")},
        {"backspace in a value", TEXT_INIT(LINE HOST "X: \b\r\n\r\n")},
        {"DEL in a value", TEXT_INIT(LINE HOST "X: \x7f\r\n\r\n")},
        {"CR in a value",
         TEXT_INIT(LINE HOST "X: a\rContent-Length: 5\r\n\r\n")},
        {"CR CR LF", TEXT_INIT(LINE HOST "X: a\r\r\n\r\n")},
        {"LF in a value",
         TEXT_INIT(LINE HOST "X: a\nContent-Length: 5\r\n\r\n")},
        {"a field ends in LF", TEXT_INIT(LINE HOST "X: a\n\r\n")},
        {"the head ends in LF", TEXT_INIT(LINE HOST "X: a\r\n\n")},
        {"all lines end in LF",
         TEXT_INIT("BITS_POST / HTTP/1.1\nHost: server\n\n")},
        {"the request line ends in LF",
         TEXT_INIT("BITS_POST / HTTP/1.1\n" HOST "\r\n")},
        {"CR before the end of the head", TEXT_INIT(LINE HOST "\r\r\n\r\n")},
        {"LF before the end of the head", TEXT_INIT(LINE HOST "\n\r\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

#define ASKED(line) TEXT_INIT(line "\r\n" HOST "\r\n")

static void malformed_request_lines_are_refused(void **state)
{
    static const struct row rows[] = {
        {"two blanks before the target", ASKED("POST  / HTTP/1.1")},
        {"two blanks before the version", ASKED("POST /  HTTP/1.1")},
        {"HTAB before the target", ASKED("POST\t/ HTTP/1.1")},
        {"HTAB before the version", ASKED("POST /\tHTTP/1.1")},
        {"blank at the end", ASKED("POST / HTTP/1.1 ")},
        {"HTAB at the end", ASKED("POST / HTTP/1.1\t")},
        {"blank in front", ASKED(" POST / HTTP/1.1")},
        {"blank in the target", ASKED("POST /a b HTTP/1.1")},
        {"no target", ASKED("POST HTTP/1.1")},
        {"no version", ASKED("POST /")},
        {"empty version", ASKED("POST / ")},
        {"method alone", ASKED("POST")},
        {"method and blank", ASKED("POST ")},
        {"three blanks", ASKED("POST   ")},
        {"a field in its place", TEXT_INIT(HOST LINE "\r\n")},
        {"colon in the method", ASKED("PO:ST / HTTP/1.1")},
        {"NUL in the method", ASKED("PO\0ST / HTTP/1.1")},
        {"byte above ASCII in the method", ASKED("P\xd6ST / HTTP/1.1")},
        {"method of 33 bytes",
         ASKED("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1")},
        {"NUL in the target", ASKED("POST /\0 HTTP/1.1")},
        {"CR in the target", ASKED("POST /\r HTTP/1.1")},
        {"LF in the target", ASKED("POST /\n HTTP/1.1")},
        {"DEL in the target", ASKED("POST /\x7f HTTP/1.1")},
        {"HTAB in the target", ASKED("POST /\t/ HTTP/1.1")},
        {"CR behind the version", ASKED("POST / HTTP/1.1\r")},
        {"NUL behind the version", ASKED("POST / HTTP/1.1\0")},
        {"version in lower case", ASKED("POST / http/1.1")},
        {"version without minor", ASKED("POST / HTTP/1")},
        {"version without digits", ASKED("POST / HTTP/.")},
        {"version with a comma", ASKED("POST / HTTP/1,1")},
        {"major of two digits", ASKED("POST / HTTP/01.1")},
        {"minor of two digits", ASKED("POST / HTTP/1.10")},
        {"minor with a sign", ASKED("POST / HTTP/1.+1")},
        {"version with a blank", ASKED("POST / HTTP/ 1.1")},
        {"another protocol", ASKED("POST / ICY/1.1")},
        {"half a version", ASKED("POST / HTT")},
        {"three blank lines", TEXT_INIT("\r\n\r\n\r\n" LINE HOST "\r\n")},
        {"blank line of LF", TEXT_INIT("\n" LINE HOST "\r\n")},
        {"CR alone", TEXT_INIT("\r" LINE HOST "\r\n")},
        {"blank line, CR alone", TEXT_INIT("\r\n\r" LINE HOST "\r\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

static void other_versions_get_505(void **state)
{
    static const struct row rows[] = {
        {"HTTP/0.9", ASKED("POST / HTTP/0.9"), 505},
        {"HTTP/1.2", ASKED("POST / HTTP/1.2"), 505},
        {"HTTP/1.9", ASKED("POST / HTTP/1.9"), 505},
        {"HTTP/2.0", ASKED("POST / HTTP/2.0"), 505},
        {"HTTP/3.1", ASKED("POST / HTTP/3.1"), 505},
        {"HTTP/2 preface", TEXT_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

#define NAMED(host) TEXT_INIT(LINE "Host: " host "\r\n\r\n")

static void invalid_hosts_are_refused(void **state)
{
    static const struct row rows[] = {
        {"missing", TEXT_INIT(LINE "\r\n")},
        {"missing, absolute form",
         TEXT_INIT("POST http://server/ HTTP/1.1\r\n\r\n")},
        {"two", TEXT_INIT(LINE HOST "Host: other\r\n\r\n")},
        {"two equal ones", TEXT_INIT(LINE HOST HOST "\r\n")},
        {"two, one empty", TEXT_INIT(LINE "Host:\r\n" HOST "\r\n")},
        {"two in HTTP/1.0", TEXT_INIT(LINE_10 HOST "host: server\r\n\r\n")},
        {"list", NAMED("a,b")},
        {"two words", NAMED("a b")},
        {"HTAB", NAMED("a\tb")},
        {"user", NAMED("user@server")},
        {"path", NAMED("server/path")},
        {"URL", NAMED("http://server")},
        {"backslash", NAMED("server\\x")},
        {"query", NAMED("server?x")},
        {"fragment", NAMED("server#x")},
        {"quote", NAMED("\"server\"")},
        {"angle bracket", NAMED("<server>")},
        {"byte above ASCII", NAMED("s\xe4rver")},
        {"in HTTP/1.0", TEXT_INIT(LINE_10 "Host: a/b\r\n\r\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

static void other_expectations_get_417(void **state)
{
    static const struct row rows[] = {
        {"another", TEXT_INIT(LINE HOST "Expect: 200-ok\r\n\r\n"), 417},
        {"100-continued", TEXT_INIT(LINE HOST "Expect: 100-continued\r\n\r\n"),
         417},
        {"parameter", TEXT_INIT(LINE HOST "Expect: 100-continue;x\r\n\r\n"),
         417},
        {"list", TEXT_INIT(LINE HOST "Expect: 100-continue, x=y\r\n\r\n"), 417},
        {"second line",
         TEXT_INIT(LINE HOST "Expect: 100-continue\r\nExpect: x\r\n\r\n"), 417},
        {"HTTP/1.0", TEXT_INIT(LINE_10 HOST "Expect: x\r\n\r\n"), 417},
        {"bad framing comes first",
         TEXT_INIT(LINE HOST "Expect: x\r\n" CL TE "\r\n"), 400},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

static void expect_414(char *text, size_t size)
{
    struct verdict verdict = ways_judge("414", (struct bits_text){text, size});

    assert_int_equal(verdict.result, HTTP1_REFUSED);
    assert_int_equal(verdict.offence.status, 414);
}

static void a_target_over_8_kib_gets_414(void **state)
{
    static const char before[] = "POST ";
    static const char after[] = " HTTP/1.1\r\n" HOST "\r\n";
    char text[sizeof(before) + HTTP1_TARGET_MAX + sizeof(after) - 1];

    (void)state;
    memset(text, '/', sizeof(text));
    memcpy(text, before, sizeof(before) - 1);
    memcpy(text + sizeof(text) - (sizeof(after) - 1), after, sizeof(after) - 1);
    expect_414(text, sizeof(text));
}

static void a_request_line_without_end_gets_414(void **state)
{
    char text[10000];
    struct verdict verdict;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "POST /", 6);
    expect_414(text, sizeof(text));
    memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
    expect_414(text, sizeof(text));

    verdict = ways_parse((struct bits_text){text, 9000}, 8000);
    assert_int_equal(verdict.result, HTTP1_REFUSED);
    assert_int_equal(verdict.offence.status, 414);
}

/* One byte more than the longest method, target and version have together;
 * that the version is malformed is not known before its end. */
static void a_request_line_one_byte_too_long_gets_414(void **state)
{
    static const char before[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF ";
    static const char after[] = " HTTP/1.10\r\n" HOST "\r\n";
    char text[sizeof(before) - 1 + HTTP1_TARGET_MAX + sizeof(after) - 1];

    (void)state;
    memset(text, '/', sizeof(text));
    memcpy(text, before, sizeof(before) - 1);
    memcpy(text + sizeof(text) - (sizeof(after) - 1), after, sizeof(after) - 1);
    expect_414(text, sizeof(text));
}

static void the_reason_names_the_offence(void **state)
{
    static const struct {
        struct bits_text input;
        const char *reason;
    } rows[] = {
        {TEXT_INIT(LINE " X: y\r\n"), "a field line is folded"},
        {TEXT_INIT(LINE "X\r\n"), "a field line has no colon"},
        {TEXT_INIT(LINE HOST "X: y\n"), "a line ends in a bare LF"},
        {TEXT_INIT(LINE HOST CL CL "\r\n"), "there are two Content-Lengths"},
        {TEXT_INIT(LINE "\r\n"), "there is no Host field"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict = ways_parse(rows[i].input, 0);

        assert_int_equal(verdict.result, HTTP1_REFUSED);
        assert_string_equal(verdict.offence.reason, rows[i].reason);
    }
}

/* The rest of what never becomes a head is not waited for. */
static void nonsense_is_refused_before_the_head_ends(void **state)
{
    static const struct row rows[] = {
        {"TLS", TEXT_INIT("\x16")},
        {"TLS behind a blank line", TEXT_INIT("\r\n\x16")},
        {"NUL", TEXT_INIT("\0")},
        {"LF", TEXT_INIT("\n")},
        {"blank", TEXT_INIT(" ")},
        {"CR", TEXT_INIT("\rX")},
        {"third blank line", TEXT_INIT("\r\n\r\n\r")},
        {"SMB", TEXT_INIT("\xff"
                          "SMB")},
        {"a letter, then NUL", TEXT_INIT("P\0")},
        {"an endless method", TEXT_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG")},
        {"HTTP/0.9", TEXT_INIT("GET /\r\n")},
        {"HTTP/2", TEXT_INIT("PRI * HTTP/2.0\r\n"), 505},
        {"folded", TEXT_INIT(LINE " \r\n")},
        {"blank before the colon", TEXT_INIT(LINE "Host : x\r\n")},
        {"bare LF", TEXT_INIT(LINE "Host: x\n")},
    };

    (void)state;
    EXPECT_REFUSALS(rows);
}

/* Every byte in three places: a field name, a value, a target. */
static void each_byte_is_accepted_or_refused_at_its_place(void **state)
{
    static const char name_marks[] = "!#$%&'*+-.^_`|~";

    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char in_name[] = LINE HOST "Xx: y\r\n\r\n";
        char in_value[] = LINE HOST "X: yy\r\n\r\n";
        char in_target[] = "POST /xx HTTP/1.1\r\n" HOST "\r\n";
        bool letter = (byte >= '0' && byte <= '9') ||
                      (byte >= 'A' && byte <= 'Z') ||
                      (byte >= 'a' && byte <= 'z');
        bool token = letter || (byte && strchr(name_marks, (int)byte));
        bool value = byte == '\t' || (byte >= ' ' && byte != 0x7f);

        in_name[sizeof(LINE HOST)] = (char)byte;
        in_value[sizeof(LINE HOST) + 2] = (char)byte;
        in_target[6] = (char)byte;
        assert_int_equal(ways_judge("name", TEXT(in_name)).result,
                         token || byte == ':' ? HTTP1_DONE : HTTP1_REFUSED);
        assert_int_equal(ways_judge("value", TEXT(in_value)).result,
                         value ? HTTP1_DONE : HTTP1_REFUSED);
        assert_int_equal(ways_judge("target", TEXT(in_target)).result,
                         byte > ' ' && byte != 0x7f ? HTTP1_DONE
                                                    : HTTP1_REFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_framings_are_refused),
        cmocka_unit_test(repeated_lengths_are_refused),
        cmocka_unit_test(codings_but_chunked_are_refused),
        cmocka_unit_test(malformed_field_lines_are_refused),
        cmocka_unit_test(malformed_request_lines_are_refused),
        cmocka_unit_test(other_versions_get_505),
        cmocka_unit_test(invalid_hosts_are_refused),
        cmocka_unit_test(other_expectations_get_417),
        cmocka_unit_test(a_target_over_8_kib_gets_414),
        cmocka_unit_test(a_request_line_without_end_gets_414),
        cmocka_unit_test(a_request_line_one_byte_too_long_gets_414),
        cmocka_unit_test(the_reason_names_the_offence),
        cmocka_unit_test(nonsense_is_refused_before_the_head_ends),
        cmocka_unit_test(each_byte_is_accepted_or_refused_at_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
