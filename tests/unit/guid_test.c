/*
 * guid_test.c: GUIDs as text [MS-DTYP 2.3.4.3].
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openbits/guid.h>

#include "base/text.h"

static const struct bits_guid sample = {
    {0x5b, 0x0c, 0x3c, 0x1e, 0x77, 0xa4, 0x4e, 0x0b, 0x9c, 0x2f, 0x0d, 0x6d,
     0x4b, 0x1a, 0x9e, 0x10},
};

static void digits_are_read_in_any_case(void **state)
{
    static const char *const rows[] = {
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}",
        "{5b0c3c1e-77a4-4e0b-9c2f-0d6d4b1a9e10}",
        "{5b0C3c1E-77a4-4e0B-9c2F-0d6D4b1A9e10}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_guid guid;

        assert_true(bits_guid_parse(text_of(rows[i]), &guid));
        assert_memory_equal(guid.bytes, sample.bytes, 16);
    }
}

static void anything_but_the_braced_form_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "{}",
        "5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10",
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10",
        "5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}",
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E1}",
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E100}",
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E1G}",
        "{5B0C3C1E77A4--4E0B-9C2F-0D6D4B1A9E10}",
        "(5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10)",
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10} ",
        " {5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}",
        "{5B0C3C1E_77A4_4E0B_9C2F_0D6D4B1A9E10}",
        "{ B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_guid guid = sample;

        assert_false(bits_guid_parse(text_of(rows[i]), &guid));
        assert_memory_equal(guid.bytes, sample.bytes, 16);
    }
}

static void a_guid_without_pointer_is_refused(void **state)
{
    struct bits_guid guid;

    (void)state;
    assert_false(bits_guid_parse((struct bits_text){NULL, 0}, &guid));
}

static void it_is_written_in_upper_case(void **state)
{
    char text[BITS_GUID_TEXT_LEN + 1];

    (void)state;
    bits_guid_format(&sample, text);
    assert_string_equal(text, "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}");
}

/* [MC-BUP 1.7.1] */
static void the_protocol_is_the_one_of_the_specification(void **state)
{
    char text[BITS_GUID_TEXT_LEN + 1];

    (void)state;
    bits_guid_format(&bits_protocol_1_5, text);
    assert_string_equal(text, "{7DF0354D-249B-430F-820D-3D2A9BEF4931}");
    assert_string_equal(BITS_PROTOCOL_1_5_TEXT,
                        "{7df0354d-249b-430f-820d-3d2a9bef4931}");
}

static void every_byte_counts_in_a_comparison(void **state)
{
    (void)state;
    assert_true(bits_guid_equal(&sample, &sample));
    for (size_t i = 0; i < 16; i++) {
        struct bits_guid other = sample;

        other.bytes[i] ^= 1;
        assert_false(bits_guid_equal(&sample, &other));
    }
}

static void a_new_one_begins_with_the_time(void **state)
{
    static const uint8_t random[BITS_GUID_RANDOM] = {
        0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7, 0xf6};
    struct bits_guid guid;
    char text[BITS_GUID_TEXT_LEN + 1];

    (void)state;
    bits_guid_make(0x0123456789abu, random, &guid);
    bits_guid_format(&guid, text);
    assert_string_equal(text, "{01234567-89AB-7FFE-BDFC-FBFAF9F8F7F6}");
}

static void every_other_bit_of_a_new_one_is_random(void **state)
{
    static const uint8_t zeros[BITS_GUID_RANDOM];
    struct bits_guid guid;
    char text[BITS_GUID_TEXT_LEN + 1];

    (void)state;
    bits_guid_make(0, zeros, &guid);
    bits_guid_format(&guid, text);
    assert_string_equal(text, "{00000000-0000-7000-8000-000000000000}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_read_in_any_case),
        cmocka_unit_test(anything_but_the_braced_form_is_refused),
        cmocka_unit_test(a_guid_without_pointer_is_refused),
        cmocka_unit_test(it_is_written_in_upper_case),
        cmocka_unit_test(the_protocol_is_the_one_of_the_specification),
        cmocka_unit_test(every_byte_counts_in_a_comparison),
        cmocka_unit_test(a_new_one_begins_with_the_time),
        cmocka_unit_test(every_other_bit_of_a_new_one_is_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
