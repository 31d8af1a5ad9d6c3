/*
 * client_stall_test.c: when a request that stands still is given up.
 */
#include "client/http/stall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openbits/transfer.h>

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)

/* [MC-BUP 3.1.2.1] */
static void a_body_may_stand_still_for_two_minutes(void **state)
{
    const struct stall_facts facts = {.body_size = 100, .sent = 50};
    struct stall stall;

    (void)state;
    stall_init(&stall, 0);
    assert_false(stall_note(&stall, &facts, 1 * SECOND));
    assert_false(stall_note(&stall, &facts, 2 * MINUTE));
    assert_true(stall_note(&stall, &facts, 2 * MINUTE + 1 * SECOND));
}

static void a_body_that_moves_may_take_hours(void **state)
{
    struct stall_facts facts = {.body_size = 1000};
    struct stall stall;

    (void)state;
    stall_init(&stall, 0);
    for (uint64_t minute = 1; minute < 600; minute++) {
        facts.sent = minute;
        assert_false(stall_note(&stall, &facts, minute * MINUTE));
    }
}

static void a_pause_of_our_own_is_not_a_stall(void **state)
{
    struct stall_facts facts = {.body_size = 1000, .paused = true};
    struct stall stall;

    (void)state;
    stall_init(&stall, 0);
    assert_false(stall_note(&stall, &facts, 60 * MINUTE));
    facts.paused = false;
    assert_false(stall_note(&stall, &facts, 61 * MINUTE));
    assert_true(stall_note(&stall, &facts, 62 * MINUTE));
}

/* [MC-BUP 3.1.2.2] */
static void an_answer_may_take_five_minutes(void **state)
{
    struct stall_facts facts = {.body_size = 100, .sent = 100};
    struct stall stall;

    (void)state;
    stall_init(&stall, 0);
    assert_false(stall_note(&stall, &facts, 1 * SECOND));
    assert_false(stall_note(&stall, &facts, 5 * MINUTE));
    facts.received = 1; /* an interim answer, or a part of one */
    assert_false(stall_note(&stall, &facts, 6 * MINUTE));
    assert_false(stall_note(&stall, &facts, 11 * MINUTE - 1));
    assert_true(stall_note(&stall, &facts, 11 * MINUTE));
}

static void ends_shortly_after_a_whole_head(void **state)
{
    struct stall_facts facts = {.head_whole = true};
    struct stall stall;

    (void)state;
    stall_init(&stall, 0);
    assert_false(stall_note(&stall, &facts, 1 * MINUTE));
    facts.received = 1;
    assert_false(stall_note(&stall, &facts, 1 * MINUTE + STALL_TAIL_MS - 1));
    facts.received = 2;
    assert_true(stall_note(&stall, &facts, 1 * MINUTE + STALL_TAIL_MS));
}

static void the_next_head_has_its_own_time(void **state)
{
    struct stall_facts facts = {.head_whole = true};
    struct stall stall;

    (void)state;
    stall_init(&stall, 0);
    assert_false(stall_note(&stall, &facts, 1 * SECOND));
    facts.head_whole = false; /* another leg of an authentication */
    assert_false(stall_note(&stall, &facts, 2 * SECOND));
    facts.head_whole = true;
    assert_false(stall_note(&stall, &facts, 10 * SECOND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_may_stand_still_for_two_minutes),
        cmocka_unit_test(a_body_that_moves_may_take_hours),
        cmocka_unit_test(a_pause_of_our_own_is_not_a_stall),
        cmocka_unit_test(an_answer_may_take_five_minutes),
        cmocka_unit_test(ends_shortly_after_a_whole_head),
        cmocka_unit_test(the_next_head_has_its_own_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
