/*
 * Values of options, from text and back: options/value.h.
 */
#include "options/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* What an output holds before it is written. */
#define UNTOUCHED UINT64_C(0xdeadbeef)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct number_row {
    const char *text;
    bool sound;
    uint64_t value;
};

static void check_numbers(bool (*read)(struct bits_text, uint64_t *),
                          const struct number_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;
        bool sound = read(text_of(rows[i].text), &value);

        if (sound != rows[i].sound ||
            value != (sound ? rows[i].value : UNTOUCHED)) {
            fail_msg("\"%s\": %d %llu", rows[i].text, sound,
                     (unsigned long long)value);
        }
    }
}

static void sizes_are_read_to_the_last_byte(void **state)
{
    static const struct number_row rows[] = {
        {"0", true, 0},
        {"1", true, 1},
        {"007", true, 7},
        {"0T", true, 0},
        {"1k", true, 1024},
        {"1K", true, 1024},
        {"1m", true, 1048576},
        {"1M", true, 1048576},
        {"3g", true, UINT64_C(3221225472)},
        {"3G", true, UINT64_C(3221225472)},
        {"2t", true, UINT64_C(2199023255552)},
        {"2T", true, UINT64_C(2199023255552)},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18014398509481983k", true, UINT64_C(18446744073709550592)},
        {"18014398509481984k", false, 0},
        {"16777215T", true, UINT64_C(18446742974197923840)},
        {"16777216T", false, 0},
        {"", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1 k", false, 0},
        {"k", false, 0},
        {"1kk", false, 0},
        {"1kB", false, 0},
        {"1x", false, 0},
        {"1P", false, 0},
        {"1.5G", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"0x10", false, 0},
        {"1,000", false, 0},
        {"00000000000000000000000000000001", true, 1},
        {"000000000000000000000000000000001", false, 0},
    };

    (void)state;
    check_numbers(value_read_size, rows, COUNT(rows));
}

static void times_are_read_to_the_last_second(void **state)
{
    static const struct number_row rows[] = {
        {"0", true, 0},
        {"1", true, 1},
        {"90", true, 90},
        {"1s", true, 1},
        {"2m", true, 120},
        {"3h", true, 10800},
        {"14d", true, 1209600},
        {"18446744073709551615s", true, UINT64_MAX},
        {"213503982334601d", true, UINT64_C(18446744073709526400)},
        {"213503982334602d", false, 0},
        {"1M", false, 0},
        {"1H", false, 0},
        {"1w", false, 0},
        {"1h30m", false, 0},
        {"1 h", false, 0},
        {"h", false, 0},
        {"", false, 0},
        {"-1s", false, 0},
    };

    (void)state;
    check_numbers(value_read_duration, rows, COUNT(rows));
}

static void modes_are_octal(void **state)
{
    static const struct {
        const char *text;
        bool sound;
        unsigned mode;
    } rows[] = {
        {"0", true, 0},        {"640", true, 0640},   {"0640", true, 0640},
        {"00640", true, 0640}, {"7777", true, 07777}, {"000640", false, 0},
        {"8", false, 0},       {"0648", false, 0},    {"", false, 0},
        {"rw-r", false, 0},    {"0o64", false, 0},    {"-1", false, 0},
        {" 640", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned mode = 12345;

        assert_int_equal(value_read_mode(text_of(rows[i].text), &mode),
                         rows[i].sound);
        assert_int_equal(mode, rows[i].sound ? rows[i].mode : 12345);
    }
}

static void flags_are_yes_and_no_and_nothing_else(void **state)
{
    static const char *const wrong[] = {"",   "Yes", "NO",   "true", "1",
                                        "on", "ye",  "yes ", "nope"};
    bool flag = false;

    (void)state;
    assert_true(value_read_flag(TEXT("yes"), &flag));
    assert_true(flag);
    assert_true(value_read_flag(TEXT("no"), &flag));
    assert_false(flag);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(value_read_flag(text_of(wrong[i]), &flag));
    }
}

static void free_space_is_a_size_or_a_share_or_both(void **state)
{
    static const struct {
        const char *text;
        bool sound;
        uint64_t bytes;
        unsigned percent;
    } rows[] = {
        {"0", true, 0, 100},
        {"1G", true, UINT64_C(1) << 30, 100},
        {"5%", true, UINT64_MAX, 5},
        {"0%", true, UINT64_MAX, 0},
        {"100%", true, UINT64_MAX, 100},
        {"1G 5%", true, UINT64_C(1) << 30, 5},
        {" \t1G \t 5% ", true, UINT64_C(1) << 30, 5},
        {"101%", false, 0, 0},
        {"1G 101%", false, 0, 0},
        {"5% 1G", false, 0, 0},
        {"1G 2G", false, 0, 0},
        {"5% 5%", false, 0, 0},
        {"1G 5% 5%", false, 0, 0},
        {"1G5%", false, 0, 0},
        {"5 %", false, 0, 0},
        {"%", false, 0, 0},
        {"", false, 0, 0},
        {"  ", false, 0, 0},
        {"none", false, 0, 0},
        {"18446744073709551616", false, 0, 0},
        {"18446744073709551616%", false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct option_space space = {UNTOUCHED, 77};
        bool sound = value_read_space(text_of(rows[i].text), &space);

        if (sound != rows[i].sound ||
            space.bytes != (sound ? rows[i].bytes : UNTOUCHED) ||
            space.percent != (sound ? rows[i].percent : 77)) {
            fail_msg("\"%s\": %d %llu %u", rows[i].text, sound,
                     (unsigned long long)space.bytes, space.percent);
        }
    }
}

static void an_empty_text_without_bytes_is_not_a_value(void **state)
{
    struct bits_text nothing = {NULL, 0};
    struct option_space space;
    uint64_t number;
    unsigned mode;

    (void)state;
    assert_false(value_read_size(nothing, &number));
    assert_false(value_read_duration(nothing, &number));
    assert_false(value_read_mode(nothing, &mode));
    assert_false(value_read_space(nothing, &space));
}

static void sizes_and_times_are_written_in_the_largest_unit(void **state)
{
    static const struct {
        void (*write)(uint64_t, char *);
        uint64_t value;
        const char *text;
    } rows[] = {
        {value_write_size, 0, "0"},
        {value_write_size, 1, "1"},
        {value_write_size, 1023, "1023"},
        {value_write_size, 1024, "1k"},
        {value_write_size, 1025, "1025"},
        {value_write_size, UINT64_C(5) << 30, "5G"},
        {value_write_size, UINT64_C(1) << 50, "1024T"},
        {value_write_size, INT64_MAX, "9223372036854775807"},
        {value_write_duration, 0, "0"},
        {value_write_duration, 1, "1s"},
        {value_write_duration, 90, "90s"},
        {value_write_duration, 5400, "90m"},
        {value_write_duration, 7200, "2h"},
        {value_write_duration, 1209600, "14d"},
        {value_write_duration, UINT32_MAX, "4294967295s"},
    };
    char text[VALUE_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        rows[i].write(rows[i].value, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void free_space_is_written_as_it_is_read(void **state)
{
    static const char *const texts[] = {"0",    "1G",    "5%",
                                        "100%", "1G 5%", "0 0%"};
    char text[VALUE_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct option_space space;

        assert_true(value_read_space(text_of(texts[i]), &space));
        value_write_space(space, text);
        assert_string_equal(text, texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_read_to_the_last_byte),
        cmocka_unit_test(times_are_read_to_the_last_second),
        cmocka_unit_test(modes_are_octal),
        cmocka_unit_test(flags_are_yes_and_no_and_nothing_else),
        cmocka_unit_test(free_space_is_a_size_or_a_share_or_both),
        cmocka_unit_test(an_empty_text_without_bytes_is_not_a_value),
        cmocka_unit_test(sizes_and_times_are_written_in_the_largest_unit),
        cmocka_unit_test(free_space_is_written_as_it_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
