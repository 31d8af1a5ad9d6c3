/*
 * protocol_fragment_test.c: bits_session_plan() and bits_session_conclude() of
 * a Fragment: F1 to F9, what is learned, empty files, and how bodies end.
 */
#include "protocol_session.h"

/* A server that was killed may have bytes whose total it had not noted. */
static struct bits_facts bytes_without_a_total(uint64_t stored)
{
    struct bits_facts facts = new_session();

    facts.fragment_seen = true;
    facts.stored = stored;
    return facts;
}

/* --- F1 to F9 ------------------------------------------------------------ */

/* [MC-BUP 2.2.6.1] */
static void f1_a_malformed_range_is_refused(void **state)
{
    struct bits_packet empty_with_body = empty_fragment();
    struct bits_packet empty_in_chunks = empty_fragment();

    (void)state;
    empty_with_body.content_length = 1;
    empty_in_chunks.framing = BITS_FRAMING_CHUNKED;
    assert_answers_next(plan_of(packet_of(BITS_PACKET_FRAGMENT),
                                session(BITS_SESSION_RECEIVING, 7, 12)),
                        BITS_CAUSE_RANGE_MALFORMED, 7);
    assert_answers_next(plan_of(empty_with_body, new_session()),
                        BITS_CAUSE_RANGE_MALFORMED, 0);
    assert_answers_next(plan_of(empty_in_chunks, new_session()),
                        BITS_CAUSE_RANGE_MALFORMED, 0);
}

static void f1_a_refused_fragment_counts_as_seen(void **state)
{
    struct bits_plan plan =
        plan_of(packet_of(BITS_PACKET_FRAGMENT), new_session());

    (void)state;
    assert_true(plan.learn_fragment);
    assert_false(plan.learn_total);
}

/* [MC-BUP 2.2.6.3] */
static void f2_body_and_range_must_agree(void **state)
{
    static const struct {
        struct bits_range range;
        uint64_t content_length;
    } rows[] = {
        {{0, 6, 12}, 6},   {{0, 6, 12}, 8},
        {{1, 6, 12}, 0},   {{11, 11, 12}, 0},
        {{0, 0, 12}, 2},   {{1, MAX - 1, MAX}, 0},
        {{0, 6, 12}, MAX}, {{0, MAX - 1, MAX}, MAX - 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_packet packet = fragment(
            rows[i].range.first, rows[i].range.last, rows[i].range.total);

        packet.content_length = rows[i].content_length;
        assert_answers_next(plan_of(packet, new_session()),
                            BITS_CAUSE_RANGE_LENGTH, 0);
    }
}

static void f2_is_not_asked_of_a_chunked_body(void **state)
{
    struct bits_packet packet = fragment(0, 6, 12);

    (void)state;
    packet.framing = BITS_FRAMING_CHUNKED;
    packet.content_length = 0;
    assert_stores(plan_of(packet, new_session()), 0, 0, 7);
}

static void f3_a_coded_body_is_refused(void **state)
{
    struct bits_packet packet = fragment(0, 6, 12);

    (void)state;
    packet.content_coded = true;
    assert_answers_next(plan_of(packet, new_session()),
                        BITS_CAUSE_CONTENT_CODED, 0);
}

/* [MC-BUP 2.2.1.2] */
static void f4_another_total_is_refused_and_the_session_stays(void **state)
{
    (void)state;
    assert_answers_next(
        plan_of(fragment(7, 11, 13), session(BITS_SESSION_RECEIVING, 7, 12)),
        BITS_CAUSE_TOTAL_CHANGED, 7);
    assert_answers_next(
        plan_of(fragment(7, 10, 11), session(BITS_SESSION_RECEIVING, 7, 12)),
        BITS_CAUSE_TOTAL_CHANGED, 7);
    assert_answers_next(
        plan_of(empty_fragment(), session(BITS_SESSION_RECEIVING, 7, 12)),
        BITS_CAUSE_TOTAL_CHANGED, 7);
}

static void f4_a_total_below_what_is_stored_is_another_one(void **state)
{
    (void)state;
    assert_answers_next(plan_of(fragment(0, 6, 9), bytes_without_a_total(10)),
                        BITS_CAUSE_TOTAL_CHANGED, 10);
    assert_answers_next(plan_of(empty_fragment(), bytes_without_a_total(10)),
                        BITS_CAUSE_TOTAL_CHANGED, 10);
    assert_answers_next(plan_of(fragment(0, 6, 11), bytes_without_a_total(10)),
                        BITS_CAUSE_OK, 10);
}

static void
a_fragment_that_names_what_is_stored_as_the_total_delivers(void **state)
{
    struct bits_plan whole =
        plan_of(fragment(0, 9, 10), bytes_without_a_total(10));
    struct bits_plan tail =
        plan_of(fragment(9, 9, 10), bytes_without_a_total(10));

    (void)state;
    assert_delivers(whole, 10);
    assert_true(whole.learn_total);
    assert_int_equal(whole.total, 10);
    assert_delivers(tail, 10);
}

/* [MC-BUP 2.2.1.2, 3.2.1.1] */
static void f5_files_over_the_limit_are_refused(void **state)
{
    static const struct {
        uint64_t total;
        uint64_t limit;
        bool refused;
    } rows[] = {
        {1, 0, true},
        {1, 1, false},
        {2, 1, true},
        {((uint64_t)1 << 31) - 1, (uint64_t)1 << 31, false},
        {(uint64_t)1 << 31, (uint64_t)1 << 31, false},
        {((uint64_t)1 << 31) + 1, (uint64_t)1 << 31, true},
        {(uint64_t)1 << 32, (uint64_t)1 << 32, false},
        {((uint64_t)1 << 32) + 1, (uint64_t)1 << 32, true},
        {INT64_MAX, MAX, false},
        {(uint64_t)INT64_MAX + 1, MAX, true},
        {MAX, MAX, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_facts facts = new_session();
        struct bits_plan plan;

        facts.limits.max_upload_size = rows[i].limit;
        plan = plan_of(fragment(0, 0, rows[i].total), facts);
        if (rows[i].refused) {
            assert_answers_next(plan, BITS_CAUSE_UPLOAD_TOO_LARGE, 0);
            assert_true(plan.learn_fragment);
            assert_false(plan.learn_total);
        } else {
            assert_stores(plan, 0, 0, 1);
        }
    }
}

/* [MC-BUP 2.2.6] */
static void f6_fragments_over_the_limit_are_refused(void **state)
{
    static const struct {
        uint64_t length;
        uint64_t limit;
        bool refused;
    } rows[] = {
        {1, 1, false},
        {2, 1, true},
        {(uint64_t)1 << 31, (uint64_t)1 << 31, false},
        {((uint64_t)1 << 31) + 1, (uint64_t)1 << 31, true},
        {(uint64_t)1 << 32, (uint64_t)1 << 32, false},
        {((uint64_t)1 << 32) + 1, (uint64_t)1 << 32, true},
        {INT64_MAX, MAX, false},
        {INT64_MAX, INT64_MAX - 1, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        uint64_t length = rows[i / 2].length;
        struct bits_facts facts = new_session();
        struct bits_packet packet = fragment(0, length - 1, INT64_MAX);
        struct bits_plan plan;

        if (i % 2 == 1) { /* c := l - f + 1 (D-48) */
            packet.framing = BITS_FRAMING_CHUNKED;
            packet.content_length = 0;
        }
        facts.limits.max_fragment_size = rows[i / 2].limit;
        plan = plan_of(packet, facts);
        if (rows[i / 2].refused) {
            assert_answers_next(plan, BITS_CAUSE_FRAGMENT_TOO_LARGE, 0);
            assert_false(plan.learn_total);
        } else {
            assert_stores(plan, 0, 0, length);
        }
    }
}

/* [MC-BUP 3.2.5.2.6] */
static void f7_a_gap_is_refused_with_the_wanted_offset(void **state)
{
    static const struct {
        uint64_t first;
        uint64_t stored;
    } rows[] = {
        {8, 7},
        {1, 0},
        {((uint64_t)1 << 31) + 1, (uint64_t)1 << 31},
        {(uint64_t)1 << 32, ((uint64_t)1 << 32) - 1},
        {INT64_MAX - 1, INT64_MAX - 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_answers_next(
            plan_of(fragment(rows[i].first, rows[i].first, INT64_MAX),
                    session(BITS_SESSION_RECEIVING, rows[i].stored, INT64_MAX)),
            BITS_CAUSE_RANGE_GAP, rows[i].stored);
    }
}

static void f7_a_gap_fixes_the_total_all_the_same(void **state)
{
    struct bits_plan plan = plan_of(fragment(9, 11, 12), new_session());

    (void)state;
    assert_answers_next(plan, BITS_CAUSE_RANGE_GAP, 0);
    assert_true(plan.learn_fragment);
    assert_true(plan.learn_total);
    assert_int_equal(plan.total, 12);
}

static void f8_what_is_there_is_skipped_and_the_rest_stored(void **state)
{
    static const struct {
        struct bits_range range;
        uint64_t stored;
        uint64_t skip;
        uint64_t length;
    } rows[] = {
        {{0, 6, 12}, 0, 0, 7},
        {{0, 0, 12}, 0, 0, 1},
        {{0, 11, 12}, 0, 0, 12},
        {{7, 11, 12}, 7, 0, 5},
        {{0, 11, 12}, 7, 7, 5},
        {{6, 7, 12}, 7, 1, 1},
        {{0, 7, 12}, 7, 7, 1},
        {{7, 7, 12}, 7, 0, 1},
        {{50, 150, 151}, 101, 51, 50},
        {{0, INT64_MAX - 1, INT64_MAX},
         (uint64_t)1 << 31,
         (uint64_t)1 << 31,
         INT64_MAX - ((uint64_t)1 << 31)},
        {{1, (uint64_t)1 << 32, INT64_MAX},
         (uint64_t)1 << 32,
         ((uint64_t)1 << 32) - 1,
         1},
        {{INT64_MAX - 1, INT64_MAX - 1, INT64_MAX}, INT64_MAX - 1, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_plan plan =
            plan_of(fragment(rows[i].range.first, rows[i].range.last,
                             rows[i].range.total),
                    session(BITS_SESSION_RECEIVING, rows[i].stored,
                            rows[i].range.total));

        assert_stores(plan, rows[i].skip, rows[i].stored, rows[i].length);
        assert_int_equal(plan.total, rows[i].range.total);
    }
}

static void f9_a_duplicate_is_acknowledged_and_not_stored(void **state)
{
    (void)state;
    assert_answers_next(
        plan_of(fragment(0, 6, 12), session(BITS_SESSION_RECEIVING, 7, 12)),
        BITS_CAUSE_OK, 7);
    assert_answers_next(
        plan_of(fragment(0, 0, 12), session(BITS_SESSION_RECEIVING, 7, 12)),
        BITS_CAUSE_OK, 7);
}

/* Each row breaks every rule from one on: the first of them answers. */
static void f1_to_f7_are_asked_in_their_order(void **state)
{
    struct bits_facts facts = session(BITS_SESSION_RECEIVING, 7, 12);
    struct bits_packet packet = fragment(9, 19, 20);

    (void)state;
    facts.limits = (struct bits_limits){1, 1, false};
    packet.content_length = 1;
    packet.content_coded = true;
    packet.range_form = BITS_RANGE_FORM_MALFORMED;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_RANGE_MALFORMED, 7);
    packet.range_form = BITS_RANGE_FORM_BYTES;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_RANGE_LENGTH, 7);
    packet.content_length = 11;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_CONTENT_CODED, 7);
    packet.content_coded = false;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_TOTAL_CHANGED, 7);
    facts.total = 20;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_UPLOAD_TOO_LARGE, 7);
    facts.limits.max_upload_size = 20;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_FRAGMENT_TOO_LARGE,
                        7);
    facts.limits.max_fragment_size = 11;
    assert_answers_next(plan_of(packet, facts), BITS_CAUSE_RANGE_GAP, 7);
    facts.stored = 9;
    assert_stores(plan_of(packet, facts), 0, 9, 11);
}

/* --- What is learned ----------------------------------------------------- */

static void the_first_good_fragment_fixes_the_total(void **state)
{
    struct bits_plan plan = plan_of(fragment(0, 6, 12), new_session());

    (void)state;
    assert_true(plan.learn_fragment);
    assert_true(plan.learn_total);
    assert_int_equal(plan.total, 12);
}

static void a_good_fragment_behind_refused_ones_fixes_it(void **state)
{
    struct bits_facts facts = new_session();
    struct bits_plan plan;

    (void)state;
    facts.fragment_seen = true;
    plan = plan_of(fragment(0, 6, 12), facts);
    assert_false(plan.learn_fragment);
    assert_true(plan.learn_total);
    assert_int_equal(plan.total, 12);
}

static void a_known_total_is_not_learned_again(void **state)
{
    static const enum bits_session_state states[] = {
        BITS_SESSION_RECEIVING,
        BITS_SESSION_RETRY,
        BITS_SESSION_DONE,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct bits_plan plan =
            plan_of(fragment(0, 6, 12), session(states[i], 7, 12));

        assert_false(plan.learn_fragment);
        assert_false(plan.learn_total);
    }
}

/* --- Empty files --------------------------------------------------------- */

static void an_empty_fragment_completes_an_empty_file(void **state)
{
    struct bits_plan plan = plan_of(empty_fragment(), new_session());

    (void)state;
    assert_delivers(plan, 0);
    assert_true(plan.learn_fragment);
    assert_true(plan.learn_total);
    assert_int_equal(plan.total, 0);
}

static void an_empty_fragment_that_is_repeated_gets_the_same(void **state)
{
    (void)state;
    assert_delivers(
        plan_of(empty_fragment(), session(BITS_SESSION_RECEIVING, 0, 0)), 0);
    assert_delivers(
        plan_of(empty_fragment(), session(BITS_SESSION_RETRY, 0, 0)), 0);
    assert_answers_next(
        plan_of(empty_fragment(), session(BITS_SESSION_DONE, 0, 0)),
        BITS_CAUSE_OK, 0);
}

static void bytes_for_an_empty_file_are_another_total(void **state)
{
    struct bits_facts delivered_by_close = session(BITS_SESSION_DONE, 0, 0);

    (void)state;
    delivered_by_close.total_known = false;
    assert_answers_next(
        plan_of(fragment(0, 0, 1), session(BITS_SESSION_DONE, 0, 0)),
        BITS_CAUSE_TOTAL_CHANGED, 0);
    assert_answers_next(
        plan_of(fragment(0, 0, 1), session(BITS_SESSION_RETRY, 0, 0)),
        BITS_CAUSE_TOTAL_CHANGED, 0);
    assert_answers_next(plan_of(fragment(0, 0, 1), delivered_by_close),
                        BITS_CAUSE_TOTAL_CHANGED, 0);
}

static void empty_files_can_be_refused(void **state)
{
    struct bits_facts facts = new_session();
    struct bits_facts retry = session(BITS_SESSION_RETRY, 0, 0);
    struct bits_plan plan;

    (void)state;
    facts.limits.refuse_empty = retry.limits.refuse_empty = true;
    plan = plan_of(empty_fragment(), facts);
    assert_answers_next(plan, BITS_CAUSE_ZERO_LENGTH_REFUSED, 0);
    assert_true(plan.learn_fragment);
    assert_false(plan.learn_total);
    assert_answers_next(plan_of(empty_fragment(), retry),
                        BITS_CAUSE_ZERO_LENGTH_REFUSED, 0);
    assert_ends(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), retry),
                BITS_CAUSE_ZERO_LENGTH_REFUSED);
}

static void files_with_bytes_are_not_refused_as_empty(void **state)
{
    struct bits_facts facts = session(BITS_SESSION_RETRY, 12, 12);

    (void)state;
    facts.limits.refuse_empty = true;
    assert_delivers(plan_of(fragment(7, 11, 12), facts), 12);
    assert_int_equal(plan_of(packet_of(BITS_PACKET_CLOSE_SESSION), facts).step,
                     BITS_STEP_DELIVER_AND_END);
}

/* --- How bodies end ------------------------------------------------------ */

static enum bits_conclusion conclude(uint64_t stored, enum bits_body_end end,
                                     enum bits_cause *ret_cause)
{
    struct bits_plan plan =
        plan_of(fragment(7, 11, 12), session(BITS_SESSION_RECEIVING, 7, 12));

    return bits_session_conclude(&plan, stored, end, ret_cause);
}

static void a_whole_body_is_acknowledged(void **state)
{
    struct bits_plan plan = plan_of(fragment(0, 6, 12), new_session());
    enum bits_cause cause = BITS_CAUSE_INTERNAL;

    (void)state;
    assert_int_equal(bits_session_conclude(&plan, 7, BITS_BODY_WHOLE, &cause),
                     BITS_CONCLUSION_ANSWER);
    assert_int_equal(cause, BITS_CAUSE_OK);
}

static void the_last_byte_starts_the_delivery(void **state)
{
    enum bits_cause cause = BITS_CAUSE_INTERNAL;

    (void)state;
    assert_int_equal(conclude(12, BITS_BODY_WHOLE, &cause),
                     BITS_CONCLUSION_DELIVER);
    assert_int_equal(cause, BITS_CAUSE_INTERNAL);
}

static void a_cut_body_is_not_answered_even_if_every_byte_came(void **state)
{
    enum bits_cause cause = BITS_CAUSE_INTERNAL;

    (void)state;
    assert_int_equal(conclude(9, BITS_BODY_CUT, &cause),
                     BITS_CONCLUSION_SILENT);
    assert_int_equal(conclude(12, BITS_BODY_CUT, &cause),
                     BITS_CONCLUSION_SILENT);
    assert_int_equal(cause, BITS_CAUSE_INTERNAL);
}

/* D-48 */
static void a_chunked_body_of_another_length_delivers_nothing(void **state)
{
    static const struct {
        uint64_t stored;
        enum bits_body_end end;
    } rows[] = {
        {7, BITS_BODY_SHORT},
        {9, BITS_BODY_SHORT},
        {12, BITS_BODY_LONG},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum bits_cause cause = BITS_CAUSE_OK;

        assert_int_equal(conclude(rows[i].stored, rows[i].end, &cause),
                         BITS_CONCLUSION_ANSWER);
        assert_int_equal(cause, BITS_CAUSE_RANGE_LENGTH);
    }
}

/* D-48 */
static void a_duplicate_after_a_long_chunked_body_delivers(void **state)
{
    (void)state;
    assert_delivers(
        plan_of(fragment(7, 11, 12), session(BITS_SESSION_RECEIVING, 12, 12)),
        12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f1_a_malformed_range_is_refused),
        cmocka_unit_test(f1_a_refused_fragment_counts_as_seen),
        cmocka_unit_test(f2_body_and_range_must_agree),
        cmocka_unit_test(f2_is_not_asked_of_a_chunked_body),
        cmocka_unit_test(f3_a_coded_body_is_refused),
        cmocka_unit_test(f4_another_total_is_refused_and_the_session_stays),
        cmocka_unit_test(f4_a_total_below_what_is_stored_is_another_one),
        cmocka_unit_test(
            a_fragment_that_names_what_is_stored_as_the_total_delivers),
        cmocka_unit_test(f5_files_over_the_limit_are_refused),
        cmocka_unit_test(f6_fragments_over_the_limit_are_refused),
        cmocka_unit_test(f7_a_gap_is_refused_with_the_wanted_offset),
        cmocka_unit_test(f7_a_gap_fixes_the_total_all_the_same),
        cmocka_unit_test(f8_what_is_there_is_skipped_and_the_rest_stored),
        cmocka_unit_test(f9_a_duplicate_is_acknowledged_and_not_stored),
        cmocka_unit_test(f1_to_f7_are_asked_in_their_order),
        cmocka_unit_test(the_first_good_fragment_fixes_the_total),
        cmocka_unit_test(a_good_fragment_behind_refused_ones_fixes_it),
        cmocka_unit_test(a_known_total_is_not_learned_again),
        cmocka_unit_test(an_empty_fragment_completes_an_empty_file),
        cmocka_unit_test(an_empty_fragment_that_is_repeated_gets_the_same),
        cmocka_unit_test(bytes_for_an_empty_file_are_another_total),
        cmocka_unit_test(empty_files_can_be_refused),
        cmocka_unit_test(files_with_bytes_are_not_refused_as_empty),
        cmocka_unit_test(a_whole_body_is_acknowledged),
        cmocka_unit_test(the_last_byte_starts_the_delivery),
        cmocka_unit_test(a_cut_body_is_not_answered_even_if_every_byte_came),
        cmocka_unit_test(a_chunked_body_of_another_length_delivers_nothing),
        cmocka_unit_test(a_duplicate_after_a_long_chunked_body_delivers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
