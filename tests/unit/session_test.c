/*
 * session_test.c: bits_session_plan(): every cell of the table of states, V11
 * to V13, and what crashes leave.  The rules of Fragment are
 * protocol_fragment_test.c's.
 */
#include "protocol_session.h"

static const enum bits_packet_type session_types[] = {
    BITS_PACKET_FRAGMENT,
    BITS_PACKET_CLOSE_SESSION,
    BITS_PACKET_CANCEL_SESSION,
};

static const enum bits_session_state live_states[] = {
    BITS_SESSION_RECEIVING,
    BITS_SESSION_RETRY,
    BITS_SESSION_DONE,
};

/* --- The table of states, S3 to S5 ---------------------------------------- */

/* [MC-BUP 3.2.5.2.3] */
static void none_every_packet_finds_no_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(session_types); i++) {
        struct bits_plan plan = plan_of(packet_of(session_types[i]),
                                        session(BITS_SESSION_NONE, 0, 0));

        assert_answers(plan, BITS_CAUSE_SESSION_UNKNOWN);
        assert_false(plan.has_next);
        assert_false(plan.learn_fragment);
        assert_false(plan.learn_total);
    }
}

static void receiving_a_fragment_is_stored(void **state)
{
    (void)state;
    assert_stores(
        plan_of(fragment(7, 11, 12), session(BITS_SESSION_RECEIVING, 7, 12)), 0,
        7, 5);
}

/* S3 [MC-BUP 3.2.5.1.2] */
static void retry_a_fragment_delivers_again_after_f1_to_f4(void **state)
{
    struct bits_facts facts = session(BITS_SESSION_RETRY, 12, 12);
    struct bits_packet coded = fragment(7, 11, 12);
    struct bits_packet longer = fragment(7, 11, 12);

    (void)state;
    coded.content_coded = true;
    longer.content_length++;
    assert_delivers(plan_of(fragment(7, 11, 12), facts), 12);
    assert_delivers(plan_of(fragment(0, 0, 12), facts), 12);
    assert_answers_next(plan_of(packet_of(BITS_PACKET_FRAGMENT), facts),
                        BITS_CAUSE_RANGE_MALFORMED, 12);
    assert_answers_next(plan_of(longer, facts), BITS_CAUSE_RANGE_LENGTH, 12);
    assert_answers_next(plan_of(coded, facts), BITS_CAUSE_CONTENT_CODED, 12);
    assert_answers_next(plan_of(fragment(7, 11, 13), facts),
                        BITS_CAUSE_TOTAL_CHANGED, 12);
    assert_answers_next(plan_of(empty_fragment(), facts),
                        BITS_CAUSE_TOTAL_CHANGED, 12);
}

static void retry_and_done_do_not_ask_f5_and_f6(void **state)
{
    struct bits_facts retry = session(BITS_SESSION_RETRY, 12, 12);
    struct bits_facts done = session(BITS_SESSION_DONE, 0, 12);

    (void)state;
    retry.limits = done.limits = (struct bits_limits){1, 1, false};
    assert_delivers(plan_of(fragment(0, 11, 12), retry), 12);
    assert_answers_next(plan_of(fragment(0, 11, 12), done), BITS_CAUSE_OK, 12);
}

/* D-48 */
static void chunks_of_another_length_are_refused_in_every_state(void **state)
{
    struct bits_facts facts[] = {
        session(BITS_SESSION_RECEIVING, 7, 12),
        session(BITS_SESSION_RECEIVING, 12, 12),
        session(BITS_SESSION_RETRY, 12, 12),
        session(BITS_SESSION_DONE, 0, 12),
    };
    struct bits_packet packet = fragment(0, 6, 12);

    (void)state;
    packet.framing = BITS_FRAMING_CHUNKED;
    packet.content_length = 0;
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        facts[i].wrong_length = true;
        assert_answers_next(plan_of(packet, facts[i]), BITS_CAUSE_RANGE_LENGTH,
                            i == 0 ? 7 : 12);
    }
}

/* S3 [MC-BUP 3.2.5.1.4] */
static void done_a_fragment_gets_the_final_ack_after_f1_to_f4(void **state)
{
    struct bits_facts facts = session(BITS_SESSION_DONE, 0, 12);
    struct bits_packet coded = fragment(7, 11, 12);
    struct bits_packet longer = fragment(7, 11, 12);

    (void)state;
    coded.content_coded = true;
    longer.content_length++;
    assert_answers_next(plan_of(fragment(7, 11, 12), facts), BITS_CAUSE_OK, 12);
    assert_answers_next(plan_of(fragment(0, 6, 12), facts), BITS_CAUSE_OK, 12);
    assert_answers_next(plan_of(packet_of(BITS_PACKET_FRAGMENT), facts),
                        BITS_CAUSE_RANGE_MALFORMED, 12);
    assert_answers_next(plan_of(longer, facts), BITS_CAUSE_RANGE_LENGTH, 12);
    assert_answers_next(plan_of(coded, facts), BITS_CAUSE_CONTENT_CODED, 12);
    assert_answers_next(plan_of(fragment(7, 11, 13), facts),
                        BITS_CAUSE_TOTAL_CHANGED, 12);
}

/* E6, E7 */
static void receiving_close_is_early(void **state)
{
    struct bits_facts no_total = session(BITS_SESSION_RECEIVING, 0, 0);

    (void)state;
    no_total.total_known = false;
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION),
                        session(BITS_SESSION_RECEIVING, 7, 12)),
                BITS_CAUSE_CLOSED_EARLY);
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION),
                        session(BITS_SESSION_RECEIVING, 0, 12)),
                BITS_CAUSE_CLOSED_EARLY);
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), no_total),
                BITS_CAUSE_CLOSED_EARLY);
}

/* E8, E9 [MC-BUP 3.2.5.1.5] */
static void receiving_close_with_no_fragment_delivers_empty(void **state)
{
    struct bits_facts refusing = new_session();

    (void)state;
    assert_int_equal(
        plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), new_session()).step,
        BITS_STEP_DELIVER_AND_END);
    refusing.limits.refuse_empty = true;
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), refusing),
                BITS_CAUSE_ZERO_LENGTH_REFUSED);
}

/* E4 */
static void retry_close_delivers_once_more_and_ends(void **state)
{
    struct bits_plan plan = plan_of(packet_of(BITS_PACKET_CLOSE_SESSION),
                                    session(BITS_SESSION_RETRY, 12, 12));

    (void)state;
    assert_int_equal(plan.step, BITS_STEP_DELIVER_AND_END);
    assert_false(plan.has_next);
}

/* E3 [MC-BUP 3.2.5.2.7] */
static void done_close_ends(void **state)
{
    (void)state;
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION),
                        session(BITS_SESSION_DONE, 0, 12)),
                BITS_CAUSE_OK);
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION),
                        session(BITS_SESSION_DONE, 0, 0)),
                BITS_CAUSE_OK);
}

/* E10 [MC-BUP 3.2.5.2.8] */
static void cancel_ends_every_live_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(live_states); i++) {
        assert_ends(plan_of(packet_of(BITS_PACKET_CANCEL_SESSION),
                            session(live_states[i], 7, 12)),
                    BITS_CAUSE_OK);
    }
    assert_ends(plan_of(packet_of(BITS_PACKET_CANCEL_SESSION), new_session()),
                BITS_CAUSE_OK);
}

/* S5, E11, D-51 */
static void ended_the_verb_that_ended_it_is_answered_again(void **state)
{
    static const struct {
        enum bits_packet_type ended_by;
        enum bits_cause ended_cause;
        enum bits_packet_type type;
        enum bits_cause cause;
    } rows[] = {
        {BITS_PACKET_CLOSE_SESSION, BITS_CAUSE_OK, BITS_PACKET_CLOSE_SESSION,
         BITS_CAUSE_OK},
        {BITS_PACKET_CLOSE_SESSION, BITS_CAUSE_CLOSED_EARLY,
         BITS_PACKET_CLOSE_SESSION, BITS_CAUSE_CLOSED_EARLY},
        {BITS_PACKET_CLOSE_SESSION, BITS_CAUSE_OK, BITS_PACKET_CANCEL_SESSION,
         BITS_CAUSE_SESSION_UNKNOWN},
        {BITS_PACKET_CLOSE_SESSION, BITS_CAUSE_OK, BITS_PACKET_FRAGMENT,
         BITS_CAUSE_SESSION_UNKNOWN},
        {BITS_PACKET_CANCEL_SESSION, BITS_CAUSE_OK, BITS_PACKET_CANCEL_SESSION,
         BITS_CAUSE_OK},
        {BITS_PACKET_CANCEL_SESSION, BITS_CAUSE_OK, BITS_PACKET_CLOSE_SESSION,
         BITS_CAUSE_SESSION_UNKNOWN},
        {BITS_PACKET_CANCEL_SESSION, BITS_CAUSE_OK, BITS_PACKET_FRAGMENT,
         BITS_CAUSE_SESSION_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_facts facts = session(BITS_SESSION_ENDED, 0, 12);
        struct bits_plan plan;

        facts.ended_by = rows[i].ended_by;
        facts.ended = bits_cause_outcome(rows[i].ended_cause);
        plan = plan_of(packet_of(rows[i].type), facts);
        assert_answers(plan, rows[i].cause);
        assert_false(plan.has_next);

        facts.same_user = false;
        assert_answers(plan_of(packet_of(rows[i].type), facts),
                       BITS_CAUSE_SESSION_UNKNOWN);
        facts.same_user = true;
        facts.same_target = false;
        assert_answers(plan_of(packet_of(rows[i].type), facts),
                       BITS_CAUSE_SESSION_UNKNOWN);
    }
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(bits_session_state_name(BITS_SESSION_NONE), "NONE");
    assert_string_equal(bits_session_state_name(BITS_SESSION_RECEIVING),
                        "RECEIVING");
    assert_string_equal(bits_session_state_name(BITS_SESSION_RETRY), "RETRY");
    assert_string_equal(bits_session_state_name(BITS_SESSION_DONE), "DONE");
    assert_string_equal(bits_session_state_name(BITS_SESSION_ENDED), "ENDED");
    assert_string_equal(bits_session_state_name((enum bits_session_state)99),
                        "unknown");
}

/* --- V11 to V13 ---------------------------------------------------------- */

/* V11 */
static void v11_an_id_that_is_not_a_guid_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(session_types); i++) {
        struct bits_packet packet = packet_of(session_types[i]);

        packet.session_is_guid = false;
        assert_answers(plan_of(packet, session(BITS_SESSION_RECEIVING, 7, 12)),
                       BITS_CAUSE_SESSION_UNKNOWN);
    }
}

/* V12 */
static void v12_another_target_finds_no_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(session_types) * COUNT(live_states); i++) {
        struct bits_facts facts = session(live_states[i / 3], 7, 12);
        struct bits_plan plan;

        facts.same_target = false;
        facts.same_user = i % 2 == 0; /* V12 comes before V13 */
        plan = plan_of(packet_of(session_types[i % 3]), facts);
        assert_answers(plan, BITS_CAUSE_OTHER_TARGET);
        assert_false(plan.has_next);
        assert_false(plan.learn_fragment);
    }
}

/* V13 */
static void v13_another_user_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(session_types) * COUNT(live_states); i++) {
        struct bits_facts facts = session(live_states[i / 3], 7, 12);
        struct bits_plan plan;

        facts.same_user = false;
        plan = plan_of(packet_of(session_types[i % 3]), facts);
        assert_answers(plan, BITS_CAUSE_OTHER_USER);
        assert_false(plan.has_next);
        assert_false(plan.learn_fragment);
    }
}

static void packets_without_a_session_have_no_plan(void **state)
{
    (void)state;
    assert_answers(plan_of(packet_of(BITS_PACKET_PING), new_session()),
                   BITS_CAUSE_INTERNAL);
    assert_answers(
        plan_of(packet_of(BITS_PACKET_CREATE_SESSION), new_session()),
        BITS_CAUSE_INTERNAL);
}

/* --- What a crash or a failed Close left: S4, E8 -------------------------- */

/* S4 */
static void receiving_with_every_byte_counts_as_retry(void **state)
{
    struct bits_facts facts = session(BITS_SESSION_RECEIVING, 12, 12);

    (void)state;
    assert_delivers(plan_of(fragment(7, 11, 12), facts), 12);
    assert_int_equal(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), facts).step,
                     BITS_STEP_DELIVER_AND_END);
    assert_ends(plan_of(packet_of(BITS_PACKET_CANCEL_SESSION), facts),
                BITS_CAUSE_OK);
}

/* E8 */
static void retry_without_a_fragment_is_an_empty_file(void **state)
{
    struct bits_facts facts = new_session();

    (void)state;
    facts.state = BITS_SESSION_RETRY;
    assert_int_equal(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), facts).step,
                     BITS_STEP_DELIVER_AND_END);
    assert_delivers(plan_of(empty_fragment(), facts), 0);
    assert_answers_next(plan_of(fragment(0, 6, 12), facts),
                        BITS_CAUSE_TOTAL_CHANGED, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_every_packet_finds_no_session),
        cmocka_unit_test(receiving_a_fragment_is_stored),
        cmocka_unit_test(retry_a_fragment_delivers_again_after_f1_to_f4),
        cmocka_unit_test(retry_and_done_do_not_ask_f5_and_f6),
        cmocka_unit_test(chunks_of_another_length_are_refused_in_every_state),
        cmocka_unit_test(done_a_fragment_gets_the_final_ack_after_f1_to_f4),
        cmocka_unit_test(receiving_close_is_early),
        cmocka_unit_test(receiving_close_with_no_fragment_delivers_empty),
        cmocka_unit_test(retry_close_delivers_once_more_and_ends),
        cmocka_unit_test(done_close_ends),
        cmocka_unit_test(cancel_ends_every_live_session),
        cmocka_unit_test(ended_the_verb_that_ended_it_is_answered_again),
        cmocka_unit_test(states_have_names),
        cmocka_unit_test(v11_an_id_that_is_not_a_guid_is_unknown),
        cmocka_unit_test(v12_another_target_finds_no_session),
        cmocka_unit_test(v13_another_user_is_refused),
        cmocka_unit_test(packets_without_a_session_have_no_plan),
        cmocka_unit_test(receiving_with_every_byte_counts_as_retry),
        cmocka_unit_test(retry_without_a_fragment_is_an_empty_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
