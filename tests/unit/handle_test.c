/*
 * handle_test.c: what is shown of the id of a session.
 */
#include "base/handle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static void a_handle_is_the_last_twelve_digits(void **state)
{
    const struct bits_guid id = {{0x5b, 0x0c, 0x3c, 0x1e, 0x77, 0xa4, 0x4e,
                                  0x0b, 0x9c, 0x2f, 0x0d, 0x6d, 0x4b, 0x1a,
                                  0x9e, 0x10}};
    char handle[HANDLE_LEN + 1];

    (void)state;
    handle_of(&id, handle);
    assert_string_equal(handle, "0D6D4B1A9E10");
}

static void a_request_may_bring_any_text(void **state)
{
    static const struct {
        const char *id;
        const char *handle;
    } rows[] = {
        {"{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}", "0D6D4B1A9E10"},
        {"{5b0c3c1e-77a4-4e0b-9c2f-0d6d4b1a9e10}", "0D6D4B1A9E10"},
        {"5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10", "0D6D4B1A9E10"},
        {"{7}", "{7"},
        {"}", ""},
        {"", ""},
        {"0123456789xyz", "123456789xyz"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char handle[HANDLE_LEN + 1];
        struct bits_text shown = handle_of_text(text_of(rows[i].id), handle);

        assert_string_equal(handle, rows[i].handle);
        assert_true(text_equal(shown, text_of(rows[i].handle)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_is_the_last_twelve_digits),
        cmocka_unit_test(a_request_may_bring_any_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
