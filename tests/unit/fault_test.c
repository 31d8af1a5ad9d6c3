/*
 * fault_test.c: the sentence that says why a call failed.
 */
#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void writes_the_text_and_returns_false(void **state)
{
    struct fault fault;

    (void)state;
    assert_false(fault_set(&fault, "cannot open %s: %d", "/srv", 2));
    assert_string_equal(fault.text, "cannot open /srv: 2");
}

static void takes_its_own_text_as_an_argument(void **state)
{
    struct fault fault;

    (void)state;
    (void)fault_set(&fault, "%s", "no such file");
    (void)fault_set(&fault, "root: %s", fault.text);
    assert_string_equal(fault.text, "root: no such file");
}

static void marks_a_text_that_it_had_to_cut(void **state)
{
    char room[FAULT_TEXT_MAX + 1];
    struct fault fault;

    (void)state;
    memset(room, 'x', sizeof(room));
    room[FAULT_TEXT_MAX - 1] = '\0';
    (void)fault_set(&fault, "%s", room);
    assert_string_equal(fault.text, room);

    room[FAULT_TEXT_MAX - 1] = 'x';
    room[FAULT_TEXT_MAX] = '\0';
    (void)fault_set(&fault, "%s", room);
    assert_int_equal(strlen(fault.text), FAULT_TEXT_MAX - 1);
    assert_string_equal(fault.text + FAULT_TEXT_MAX - 5, "x...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_text_and_returns_false),
        cmocka_unit_test(takes_its_own_text_as_an_argument),
        cmocka_unit_test(marks_a_text_that_it_had_to_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
