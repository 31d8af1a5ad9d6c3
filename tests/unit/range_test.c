/*
 * range_test.c: Content-Range [MC-BUP 2.2.6.1], rule F1 and the spellings of
 * the empty file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openbits/packet.h>

#include "base/text.h"

#define MAX UINT64_MAX

static void ranges_are_read(void **state)
{
    static const struct {
        const char *text;
        struct bits_range range;
    } rows[] = {
        {"bytes 0-6/12", {0, 6, 12}},
        {"Bytes 7-11/12", {7, 11, 12}},
        {"BYTES 0-0/1", {0, 0, 1}},
        {"bytes   0-0/2", {0, 0, 2}},
        {"bytes 00-01/002", {0, 1, 2}},
        {"bytes 2147483647-2147483648/2147483649",
         {2147483647, 2147483648, 2147483649}},
        {"bytes 4294967295-4294967296/4294967297",
         {4294967295, 4294967296, 4294967297}},
        {"bytes 0-9223372036854775806/9223372036854775807",
         {0, 9223372036854775806u, 9223372036854775807u}},
        {"bytes 0-18446744073709551614/18446744073709551615",
         {0, MAX - 1, MAX}},
        {"bytes 18446744073709551614-18446744073709551614/"
         "18446744073709551615",
         {MAX - 1, MAX - 1, MAX}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_range range = {0, 0, 0};

        assert_int_equal(bits_range_parse(text_of(rows[i].text), &range),
                         BITS_RANGE_FORM_BYTES);
        assert_int_equal(range.first, rows[i].range.first);
        assert_int_equal(range.last, rows[i].range.last);
        assert_int_equal(range.total, rows[i].range.total);
    }
}

static void f1_rejects_a_malformed_range(void **state)
{
    static const char *const rows[] = {
        "",
        "bytes",
        "bytes ",
        "0-6/12",
        "bytes0-6/12",
        "bytes=0-6/12",
        "bytes\t0-6/12",
        "octets 0-6/12",
        "bytes 0-6",
        "bytes 0-6/",
        "bytes 0-6/*",
        "bytes */12",
        "bytes *-6/12",
        "bytes 0-*/12",
        "bytes -6/12",
        "bytes 0-/12",
        "bytes -1-6/12",
        "bytes +0-6/12",
        "bytes 0x0-6/12",
        "bytes 0 - 6/12",
        "bytes 0-6 /12",
        "bytes 0-6/12 ",
        "bytes 0-6/12,7-8/12",
        "bytes 0-6/12; x",
        "bytes 0.0-6/12",
        /* first > last */
        "bytes 10-9/10",
        "bytes 1-0/10",
        /* last >= total */
        "bytes 0-12/12",
        "bytes 12-12/12",
        "bytes 0-1/0",
        "bytes 0-18446744073709551615/18446744073709551615",
        /* 2^64 */
        "bytes 0-6/18446744073709551616",
        "bytes 0-18446744073709551616/18446744073709551615",
        "bytes 18446744073709551616-18446744073709551616/1",
        "bytes 0-18446744073709551616/0",
        "bytes 0-99999999999999999999999999/1",
        /* nearly the empty file */
        "bytes */ 0",
        "bytes 0--1/1",
        "bytes 1-0/0",
        "bytes 0--0/0",
        "*/0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_range range = {1, 2, 3};

        assert_int_equal(bits_range_parse(text_of(rows[i]), &range),
                         BITS_RANGE_FORM_MALFORMED);
        assert_int_equal(range.first, 1);
        assert_int_equal(range.last, 2);
        assert_int_equal(range.total, 3);
    }
}

static void a_nul_inside_is_malformed(void **state)
{
    static const char text[] = "bytes 0-6/12\0";
    struct bits_range range;

    (void)state;
    assert_int_equal(
        bits_range_parse((struct bits_text){text, sizeof(text) - 1}, &range),
        BITS_RANGE_FORM_MALFORMED);
}

static void the_empty_file_has_four_spellings(void **state)
{
    static const char *const rows[] = {
        "bytes 0-0/0",
        "bytes */0",
        "Bytes  */0",
        "bytes 0--1/0",
        "bytes 0-18446744073709551615/0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_range range = {1, 2, 3};

        assert_int_equal(bits_range_parse(text_of(rows[i]), &range),
                         BITS_RANGE_FORM_EMPTY);
        assert_int_equal(range.total, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_read),
        cmocka_unit_test(f1_rejects_a_malformed_range),
        cmocka_unit_test(a_nul_inside_is_malformed),
        cmocka_unit_test(the_empty_file_has_four_spellings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
