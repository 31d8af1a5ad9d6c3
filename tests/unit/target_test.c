/*
 * target_test.c: request targets and the names below an upload root, step 2
 * of Create-Session [MC-BUP 3.2.5.2.4].
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openbits/target.h>

#include "base/text.h"

static void assert_text(struct bits_text text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    if (text.len > 0) {
        assert_memory_equal(text.ptr, expected, text.len);
    }
}

static void both_forms_are_taken_apart(void **state)
{
    static const struct {
        const char *text;
        const char *scheme;
        const char *authority;
        const char *path;
        const char *query; /* NULL: none */
    } rows[] = {
        {"/", "", "", "/", NULL},
        {"/up/a.txt", "", "", "/up/a.txt", NULL},
        {"/up/a?", "", "", "/up/a", ""},
        {"/up/a?x=1?y=/2", "", "", "/up/a", "x=1?y=/2"},
        {"//up/a", "", "", "//up/a", NULL},
        {"/http://h/a", "", "", "/http://h/a", NULL},
        {"http://h/a", "http", "h", "/a", NULL},
        {"HTTP://h:8080/a?q", "HTTP", "h:8080", "/a", "q"},
        {"https://[::1]:443/a", "https", "[::1]:443", "/a", NULL},
        {"hTTpS://h", "hTTpS", "h", "/", NULL},
        {"http://h?q", "http", "h", "/", "q"},
        {"http://h/", "http", "h", "/", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_target target;

        assert_true(bits_target_parse(text_of(rows[i].text), &target));
        assert_text(target.scheme, rows[i].scheme);
        assert_text(target.authority, rows[i].authority);
        assert_text(target.path, rows[i].path);
        assert_int_equal(target.has_query, rows[i].query != NULL);
        assert_text(target.query, rows[i].query ? rows[i].query : "");
    }
}

static void other_forms_are_refused(void **state)
{
    static const char *const rows[] = {
        "",          "*",           "up/a",       "h:443",
        "ftp://h/a", "httpx://h/a", "http:/h/a",  "http//h/a",
        "http://",   "http:///a",   "https://?q", "?q",
        " /a",       "/a#b",        "/a?b#c",     "http://h#b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_target target;

        assert_false(bits_target_parse(text_of(rows[i]), &target));
    }
}

static void prefixes_match_by_whole_decoded_segments(void **state)
{
    static const struct {
        const char *path;
        const char *prefix;
        const char *rest; /* NULL: not below it */
    } rows[] = {
        {"/", "/", ""},
        {"/a", "/", "a"},
        {"/a/b%20c", "/", "a/b%20c"},
        {"//a", "/", "/a"},
        {"/up", "/up", ""},
        {"/up/", "/up", ""},
        {"/up/a", "/up", "a"},
        {"/up//a", "/up", "/a"},
        {"/up/a/b", "/up/a", "b"},
        {"/%75p/a", "/up", "a"},
        {"/u%70/a", "/up", "a"},
        {"/my%20up/a", "/my up", "a"},
        {"/m%c3%BC/a", "/m\xc3\xbc", "a"},
        {"/upx/a", "/up", NULL},
        {"/u/a", "/up", NULL},
        {"/UP/a", "/up", NULL},
        {"/", "/up", NULL},
        {"//up/a", "/up", "a"},
        {"///%75p///a//", "/up", "//a//"},
        {"/up//a", "/up/a", ""},
        {"//up///a//b", "/up/a", "/b"},
        {"//", "/", "/"},
        {"//", "/up", NULL},
        {"/up//", "/up/a", NULL},
        {"/up//ab", "/up/a", NULL},
        {"/a/up", "/up", NULL},
        {"/up", "/up/a", NULL},
        {"/up/", "/up/a", NULL},
        {"/up%2Fa/b", "/up/a", NULL},
        {"/up%2F", "/up", NULL},
        {"/x/../up/a", "/up", NULL},
        {"/u%7/a", "/up", NULL},
        {"/up%/a", "/up", NULL},
        {"/u%zz/a", "/up", NULL},
        {"/up%00/a", "/up", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_text rest = {NULL, 0};

        assert_int_equal(bits_target_below(text_of(rows[i].path),
                                           text_of(rows[i].prefix), &rest),
                         rows[i].rest != NULL);
        assert_text(rest, rows[i].rest ? rows[i].rest : "");
    }
}

struct name_row {
    const char *raw;
    enum bits_cause cause;
    const char *name;
};

static void check_names(const struct name_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[600] = "untouched";

        assert_int_equal(
            bits_target_name(text_of(rows[i].raw), name, sizeof(name)),
            rows[i].cause);
        assert_string_equal(name, rows[i].name);
    }
}

#define CHECK_NAMES(rows) check_names(rows, sizeof(rows) / sizeof(rows[0]))

static void names_are_decoded(void **state)
{
    static const struct name_row rows[] = {
        {"a", BITS_CAUSE_OK, "a"},
        {"a.txt", BITS_CAUSE_OK, "a.txt"},
        {"a/b/c", BITS_CAUSE_OK, "a/b/c"},
        {"a%20b", BITS_CAUSE_OK, "a b"},
        {"%41%2e%74xt", BITS_CAUSE_OK, "A.txt"},
        {"100%25", BITS_CAUSE_OK, "100%"},
        {"%2541", BITS_CAUSE_OK, "%41"},
        {"a+b", BITS_CAUSE_OK, "a+b"},
        {"...", BITS_CAUSE_OK, "..."},
        {".hidden", BITS_CAUSE_OK, ".hidden"},
        {"..a/b..", BITS_CAUSE_OK, "..a/b.."},
        {"a%3Fb%23", BITS_CAUSE_OK, "a?b#"},
        {"m%C3%BCll", BITS_CAUSE_OK, "m\xc3\xbcll"},
        {"m\xc3\xbcll", BITS_CAUSE_OK, "m\xc3\xbcll"},
        {"%FF%80", BITS_CAUSE_OK, "\xff\x80"},
        {"c:", BITS_CAUSE_OK, "c:"},
    };

    (void)state;
    CHECK_NAMES(rows);
}

/* D-53 */
static void empty_segments_are_dropped(void **state)
{
    static const struct name_row rows[] = {
        {"/a", BITS_CAUSE_OK, "a"},
        {"///a", BITS_CAUSE_OK, "a"},
        {"a//b", BITS_CAUSE_OK, "a/b"},
        {"//a////b/c", BITS_CAUSE_OK, "a/b/c"},
        {"/", BITS_CAUSE_TARGET_IS_FOLDER, ""},
        {"//", BITS_CAUSE_TARGET_IS_FOLDER, ""},
        {"a//", BITS_CAUSE_TARGET_IS_FOLDER, ""},
        {"a//b///", BITS_CAUSE_TARGET_IS_FOLDER, ""},
        {"a//../b", BITS_CAUSE_TARGET_DOTS, ""},
        {"..//", BITS_CAUSE_TARGET_DOTS, ""},
        {"a/%2F/b", BITS_CAUSE_TARGET_CHARACTER, ""},
    };

    (void)state;
    CHECK_NAMES(rows);
}

static void a_name_that_ends_in_a_slash_is_a_folder(void **state)
{
    static const struct name_row rows[] = {
        {"", BITS_CAUSE_TARGET_IS_FOLDER, ""},
        {"a/", BITS_CAUSE_TARGET_IS_FOLDER, ""},
        {"a/b/", BITS_CAUSE_TARGET_IS_FOLDER, ""},
    };

    (void)state;
    CHECK_NAMES(rows);
}

static void a_bad_escape_is_malformed(void **state)
{
    static const struct name_row rows[] = {
        {"%", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"a%", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"a%4", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"a%4/b", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"%zz", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"%4g", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"%u0041", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"a/%%41", BITS_CAUSE_TARGET_MALFORMED, ""},
        /* It outweighs what else is wrong. */
        {"../%4", BITS_CAUSE_TARGET_MALFORMED, ""},
        {"a//%/", BITS_CAUSE_TARGET_MALFORMED, ""},
    };

    (void)state;
    CHECK_NAMES(rows);
}

static void names_that_could_leave_the_root_are_forbidden(void **state)
{
    static const struct name_row rows[] = {
        {".", BITS_CAUSE_TARGET_DOTS, ""},
        {"..", BITS_CAUSE_TARGET_DOTS, ""},
        {"%2e", BITS_CAUSE_TARGET_DOTS, ""},
        {"%2E%2e", BITS_CAUSE_TARGET_DOTS, ""},
        {".%2e/a", BITS_CAUSE_TARGET_DOTS, ""},
        {"a/../b", BITS_CAUSE_TARGET_DOTS, ""},
        {"a/./b", BITS_CAUSE_TARGET_DOTS, ""},
        {"a/..", BITS_CAUSE_TARGET_DOTS, ""},
        {"a/../", BITS_CAUSE_TARGET_DOTS, ""},
        {"a%2fb", BITS_CAUSE_TARGET_CHARACTER, ""},
        {"..%2Fb", BITS_CAUSE_TARGET_CHARACTER, ""},
        {"%2F", BITS_CAUSE_TARGET_CHARACTER, ""},
        {"a%5cb", BITS_CAUSE_TARGET_CHARACTER, ""},
        {"a\\b", BITS_CAUSE_TARGET_CHARACTER, ""},
        {"..\\b", BITS_CAUSE_TARGET_CHARACTER, ""},
    };

    (void)state;
    CHECK_NAMES(rows);
}

static void control_bytes_are_forbidden_raw_and_encoded(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        bool forbidden =
            byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\';
        const char hex[] = "0123456789abcdef";
        char raw[] = "a%xxb";
        char name[6];

        raw[2] = hex[byte >> 4];
        raw[3] = hex[byte & 15];
        assert_int_equal(bits_target_name(TEXT("x"), name, sizeof(name)),
                         BITS_CAUSE_OK);
        assert_int_equal(bits_target_name(text_of(raw), name, sizeof(name)),
                         forbidden ? BITS_CAUSE_TARGET_CHARACTER
                                   : BITS_CAUSE_OK);
        if (!forbidden) {
            assert_int_equal((unsigned char)name[1], byte);
        }
    }
    for (char byte = 0; byte < 0x20; byte++) {
        const char raw[] = {'a', byte, 'b'};
        char name[4];

        assert_int_equal(
            bits_target_name((struct bits_text){raw, sizeof(raw)}, name, 4),
            BITS_CAUSE_TARGET_CHARACTER);
    }
}

static void a_segment_may_have_255_decoded_bytes(void **state)
{
    char raw[3 * 256 + 1];
    char name[3 * 256 + 1];

    (void)state;
    for (size_t i = 0; i < 256; i++) {
        memcpy(raw + 3 * i, "%41", 3);
    }
    assert_int_equal(bits_target_name((struct bits_text){raw, (size_t)3 * 255},
                                      name, sizeof(name)),
                     BITS_CAUSE_OK);
    assert_int_equal(strlen(name), 255);
    assert_int_equal(bits_target_name((struct bits_text){raw, (size_t)3 * 256},
                                      name, sizeof(name)),
                     BITS_CAUSE_TARGET_TOO_LONG);
}

static void faults_are_found(void **state)
{
    static const struct {
        const char *raw;
        size_t size; /* 0: no fault */
        int byte;    /* -1: none */
    } rows[] = {
        {"a", 0, -1},       {"..", 0, -1},
        {"a//b", 0, -1},    {"ok/a%2fb/c%5Cd", 3, '/'},
        {"a\\b", 3, '\\'},  {"%0a%00", 2, '\n'},
        {"..%7F", 3, 0x7f},
    };
    struct bits_target_fault fault;
    char longer[] = "ok/%2f" /* and 254 bytes */
                    "                                                        "
                    "                                                        "
                    "                                                        "
                    "                                                        "
                    "                                "
                    "/a%5c";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bits_target_find_fault(text_of(rows[i].raw), &fault);
        assert_int_equal(fault.size, rows[i].size);
        assert_int_equal(fault.has_byte ? fault.byte : -1, rows[i].byte);
    }
    bits_target_find_fault(text_of(longer), &fault);
    assert_int_equal(fault.size, 257);
}

static void a_buffer_that_is_too_small_is_not_written_beyond(void **state)
{
    char name[4] = {'x', 'x', 'x', 'y'};

    (void)state;
    assert_int_equal(bits_target_name(TEXT("ab"), name, 3), BITS_CAUSE_OK);
    assert_string_equal(name, "ab");
    assert_int_equal(bits_target_name(TEXT("abc"), name, 3),
                     BITS_CAUSE_INTERNAL);
    assert_string_equal(name, "");
    assert_int_equal(name[3], 'y');
}

static void an_empty_rest_may_have_no_pointer(void **state)
{
    char name[1];

    (void)state;
    assert_int_equal(
        bits_target_name((struct bits_text){NULL, 0}, name, sizeof(name)),
        BITS_CAUSE_TARGET_IS_FOLDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_taken_apart),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(prefixes_match_by_whole_decoded_segments),
        cmocka_unit_test(names_are_decoded),
        cmocka_unit_test(empty_segments_are_dropped),
        cmocka_unit_test(a_name_that_ends_in_a_slash_is_a_folder),
        cmocka_unit_test(a_bad_escape_is_malformed),
        cmocka_unit_test(names_that_could_leave_the_root_are_forbidden),
        cmocka_unit_test(control_bytes_are_forbidden_raw_and_encoded),
        cmocka_unit_test(a_segment_may_have_255_decoded_bytes),
        cmocka_unit_test(faults_are_found),
        cmocka_unit_test(a_buffer_that_is_too_small_is_not_written_beyond),
        cmocka_unit_test(an_empty_rest_may_have_no_pointer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
