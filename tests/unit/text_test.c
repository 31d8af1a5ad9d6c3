/*
 * text_test.c: the cursor over text that came from outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static const struct bits_text nothing = {NULL, 0};

static void expect_text(struct bits_text text, const char *wanted)
{
    if (!text_equal(text, text_of(wanted))) {
        fail_msg("\"%.*s\", not \"%s\"", (int)text.len, text.ptr, wanted);
    }
}

static void texts_are_compared_by_their_bytes(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_false(text_equal(TEXT("ab"), TEXT("abc")));
    assert_false(text_equal(TEXT("ab"), TEXT("AB")));
    assert_true(text_equal(nothing, TEXT("")));
}

static void case_does_not_count_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(text_equal_nocase(TEXT("Ack-09"), TEXT("aCK-09")));
    assert_false(text_equal_nocase(TEXT("Ack"), TEXT("Acks")));
    assert_false(text_equal_nocase(TEXT("@["), TEXT("`{")));
    assert_false(text_equal_nocase(TEXT("\xc4"), TEXT("\xe4")));
    assert_true(text_equal_nocase(nothing, nothing));
    assert_true(text_has_prefix_nocase(TEXT("bYtes 0"), TEXT("Bytes")));
    assert_true(text_has_prefix_nocase(TEXT("x"), TEXT("")));
    assert_false(text_has_prefix_nocase(TEXT("byte"), TEXT("bytes")));
    for (int c = 0; c < 128; c++) {
        assert_int_equal(text_lower((char)c),
                         c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
}

static void a_byte_is_taken_when_it_is_there(void **state)
{
    struct bits_text text = TEXT("ab");

    (void)state;
    assert_false(text_take_char(&text, 'b'));
    expect_text(text, "ab");
    assert_true(text_take_char(&text, 'a'));
    assert_true(text_take_char(&text, 'b'));
    assert_false(text_take_char(&text, '\0'));
    assert_int_equal(text.len, 0);
}

static void text_is_taken_up_to_a_byte(void **state)
{
    struct bits_text text = TEXT("ab::c");
    struct bits_text empty = nothing;
    struct bits_text before = TEXT("untouched");

    (void)state;
    assert_false(text_take_until(&text, ';', &before));
    expect_text(before, "untouched");
    assert_true(text_take_until(&text, ':', &before));
    expect_text(before, "ab");
    assert_true(text_take_until(&text, ':', &before));
    expect_text(before, "");
    expect_text(text, "c");
    assert_false(text_take_until(&empty, ':', &before));
}

static void numbers_are_digits_below_2_to_the_64(void **state)
{
    static const struct {
        struct bits_text text;
        bool number;
        uint64_t value;
    } rows[] = {
        {TEXT_INIT("0"), true, 0},
        {TEXT_INIT("007"), true, 7},
        {TEXT_INIT("18446744073709551615"), true, UINT64_MAX},
        {TEXT_INIT("000018446744073709551615"), true, UINT64_MAX},
        {TEXT_INIT("18446744073709551616"), false, 0},
        {TEXT_INIT("18446744073709551620"), false, 0},
        {TEXT_INIT("99999999999999999999"), false, 0},
        {TEXT_INIT("184467440737095516150"), false, 0},
        {TEXT_INIT(""), false, 0},
        {TEXT_INIT(" 1"), false, 0},
        {TEXT_INIT("1 "), false, 0},
        {TEXT_INIT("+1"), false, 0},
        {TEXT_INIT("-1"), false, 0},
        {TEXT_INIT("0x1"), false, 0},
        {TEXT_INIT("1/"), false, 0},
        {TEXT_INIT("1:"), false, 0},
        {TEXT_INIT("1\0"), false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t value = 77;

        if (text_to_u64(rows[i].text, &value) != rows[i].number) {
            fail_msg("\"%s\" is %sa number", rows[i].text.ptr,
                     rows[i].number ? "not " : "");
        }
        assert_true(value == (rows[i].number ? rows[i].value : 77));
    }
    assert_false(text_to_u64(nothing, &(uint64_t){0}));
}

static void a_number_is_taken_from_the_front(void **state)
{
    struct bits_text text = TEXT("12-18446744073709551616");
    uint64_t value = 0;

    (void)state;
    assert_true(text_take_u64(&text, &value));
    assert_int_equal(value, 12);
    assert_false(text_take_u64(&text, &value));
    assert_true(text_take_char(&text, '-'));
    assert_false(text_take_u64(&text, &value));
    expect_text(text, "18446744073709551616");
    assert_int_equal(value, 12);
}

static void items_of_a_list_come_trimmed_and_never_empty(void **state)
{
    struct bits_text list = TEXT(" , a,,\tb c\t,d , ,");
    struct bits_text item;

    (void)state;
    assert_true(text_take_item(&list, &item));
    expect_text(item, "a");
    assert_true(text_take_item(&list, &item));
    expect_text(item, "b c");
    assert_true(text_take_item(&list, &item));
    expect_text(item, "d");
    assert_false(text_take_item(&list, &item));
    assert_int_equal(list.len, 0);
    list = TEXT("last");
    assert_true(text_take_item(&list, &item));
    expect_text(item, "last");
    assert_false(text_take_item(&list, &item));
}

static void numbers_are_written_in_decimal(void **state)
{
    char room[TEXT_U64_MAX];

    (void)state;
    expect_text(text_from_u64(0, room), "0");
    expect_text(text_from_u64(10, room), "10");
    expect_text(text_from_u64(4892, room), "4892");
    expect_text(text_from_u64(UINT64_MAX, room), "18446744073709551615");
}

static void blanks_are_trimmed_at_both_ends_only(void **state)
{
    (void)state;
    expect_text(text_trim(TEXT(" \ta \tb\t ")), "a \tb");
    expect_text(text_trim(TEXT(" \t ")), "");
    expect_text(text_trim(TEXT("\va\r")), "\va\r");
    assert_int_equal(text_trim(nothing).len, 0);
}

static void hex_digits_have_their_values(void **state)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    unsigned found = 0;

    (void)state;
    for (int i = 0; i < 32; i++) {
        assert_int_equal(text_hex_digit(digits[i]), i % 16);
    }
    for (int c = -128; c < 128; c++) {
        found += text_hex_digit((char)c) >= 0;
    }
    assert_int_equal(found, 22);
}

static void visible_text_has_no_blanks_and_no_end(void **state)
{
    (void)state;
    assert_true(text_is_visible(TEXT("!{}~")));
    assert_false(text_is_visible(TEXT("")));
    assert_false(text_is_visible(TEXT("a b")));
    assert_false(text_is_visible(TEXT("a\x7f")));
    assert_false(text_is_visible(TEXT("a\0")));
    assert_false(text_is_visible(TEXT("\x80")));
    assert_false(text_is_visible(nothing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_compared_by_their_bytes),
        cmocka_unit_test(case_does_not_count_for_ascii_letters_only),
        cmocka_unit_test(a_byte_is_taken_when_it_is_there),
        cmocka_unit_test(text_is_taken_up_to_a_byte),
        cmocka_unit_test(numbers_are_digits_below_2_to_the_64),
        cmocka_unit_test(a_number_is_taken_from_the_front),
        cmocka_unit_test(items_of_a_list_come_trimmed_and_never_empty),
        cmocka_unit_test(numbers_are_written_in_decimal),
        cmocka_unit_test(blanks_are_trimmed_at_both_ends_only),
        cmocka_unit_test(hex_digits_have_their_values),
        cmocka_unit_test(visible_text_has_no_blanks_and_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
