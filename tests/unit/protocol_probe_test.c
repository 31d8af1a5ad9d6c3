/*
 * protocol_probe_test.c: bits_session_plan() of a Fragment without its body:
 * F2a.
 */
#include "protocol_session.h"

static struct bits_packet without_body(struct bits_packet packet)
{
    packet.content_length = 0;
    return packet;
}

static void an_empty_body_at_the_offset_is_accepted(void **state)
{
    static const struct bits_range ranges[] = {
        {0, 6, 12}, {0, 0, 12}, {0, 11, 12}, {0, MAX - 1, MAX}};
    struct bits_plan plan;

    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        plan = plan_of(without_body(fragment(ranges[i].first, ranges[i].last,
                                             ranges[i].total)),
                       new_session());
        assert_answers_next(plan, BITS_CAUSE_OK, 0);
        assert_true(plan.is_probe);
        assert_true(plan.learn_fragment);
        assert_false(plan.learn_total);
    }
    plan = plan_of(without_body(fragment(7, 11, 12)),
                   session(BITS_SESSION_RECEIVING, 7, 12));
    assert_answers_next(plan, BITS_CAUSE_OK, 7);
    assert_true(plan.is_probe);
}

static void the_offset_the_total_and_the_framing_must_fit(void **state)
{
    struct bits_packet chunked = without_body(fragment(7, 11, 12));

    (void)state;
    chunked.framing = BITS_FRAMING_CHUNKED;
    assert_stores(plan_of(chunked, session(BITS_SESSION_RECEIVING, 7, 12)), 0,
                  7, 5);
    assert_answers_next(plan_of(without_body(fragment(0, 11, 12)),
                                session(BITS_SESSION_RECEIVING, 7, 12)),
                        BITS_CAUSE_RANGE_LENGTH, 7);
    assert_answers_next(plan_of(without_body(fragment(8, 11, 12)),
                                session(BITS_SESSION_RECEIVING, 7, 12)),
                        BITS_CAUSE_RANGE_LENGTH, 7);
    assert_answers_next(plan_of(without_body(fragment(7, 11, 13)),
                                session(BITS_SESSION_RECEIVING, 7, 12)),
                        BITS_CAUSE_RANGE_LENGTH, 7);
    assert_answers_next(plan_of(without_body(fragment(0, 11, 12)),
                                session(BITS_SESSION_DONE, 12, 12)),
                        BITS_CAUSE_RANGE_LENGTH, 12);
}

static void the_fourth_at_one_offset_is_refused(void **state)
{
    struct bits_facts facts = session(BITS_SESSION_RECEIVING, 7, 12);
    struct bits_plan plan;

    (void)state;
    facts.probes = 2;
    assert_answers_next(plan_of(without_body(fragment(7, 11, 12)), facts),
                        BITS_CAUSE_OK, 7);
    facts.probes = 3;
    plan = plan_of(without_body(fragment(7, 11, 12)), facts);
    assert_answers_next(plan, BITS_CAUSE_RANGE_LENGTH, 7);
    assert_false(plan.is_probe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_body_at_the_offset_is_accepted),
        cmocka_unit_test(the_offset_the_total_and_the_framing_must_fit),
        cmocka_unit_test(the_fourth_at_one_offset_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
