/*
 * tests/contract/store_test.c: what every store promises of rows and of the
 * end of sessions.
 */
#include "world.h"

#include "base/text.h"

#define DAY ((int64_t)24 * 3600)
#define HOUR ((int64_t)3600)

/* --- rows ---------------------------------------------------------------- */

/* N5 */
static void a_new_session_is_empty(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "a/b.txt", "alice"),
                     BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RECEIVING);
    assert_string_equal(session.prefix, "/");
    assert_string_equal(session.name, "a/b.txt");
    assert_string_equal(session.user, "alice");
    assert_string_equal(session.delivered_as, "");
    assert_false(session.fragment_seen);
    assert_false(session.total_known);
    assert_false(session.stored_any);
    assert_int_equal(session.created_at, world->wall);
    assert_int_equal(session.active_at, world->wall);
    store_session_done(&session);
}

static void an_id_is_given_once(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "first", ""),
                     BITS_CAUSE_OK);
    assert_int_equal(world_create(world, world_id(1), "second", ""),
                     BITS_CAUSE_INTERNAL);
    session = world_row(world, world_id(1));
    assert_string_equal(session.name, "first");
    assert_int_equal(world_count(world), 1);
    store_session_done(&session);
}

static void an_unknown_id_is_unknown_to_every_call(void **state)
{
    struct world *world = *state;
    struct store_session session = {.id = world_id(7), .name = NULL};

    assert_int_equal(world_find(world, world_id(7), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    session.id = world_id(7);
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(
        world_end(world, &session,
                  (struct store_ending){.by = BITS_PACKET_CLOSE_SESSION}),
        BITS_CAUSE_SESSION_UNKNOWN);
}

static void an_outcome_is_found_after_a_restart(void **state)
{
    /* As an application's: no row of the table has these numbers. */
    const struct bits_outcome outcome = {.cause = BITS_CAUSE_INTERNAL,
                                         .status = 413,
                                         .hresult = 0x80070057,
                                         .context = BITS_CONTEXT_APPLICATION,
                                         .retry_after = 7};
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "file", ""),
                     BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    assert_false(session.has_outcome);
    assert_int_equal(world_record(world, &session, outcome), BITS_CAUSE_OK);
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_true(session.has_outcome);
    assert_memory_equal(&session.outcome, &outcome, sizeof(outcome));
    session.id = world_id(2);
    assert_int_equal(world_record(world, &session, outcome),
                     BITS_CAUSE_SESSION_UNKNOWN);
    store_session_done(&session);
}

static void names_keep_their_bytes(void **state)
{
    static const char name[] = "\xff\xfe 'quoted' \"twice\" %s; DROP TABLE";
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), name, name),
                     BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    assert_string_equal(session.name, name);
    assert_string_equal(session.user, name);
    store_session_done(&session);
}

static void learned_facts_survive_a_reopening(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    session.fragment_seen = true;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_true(session.fragment_seen);
    assert_false(session.total_known);
    session.total_known = true;
    session.total = INT64_MAX;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_true(session.fragment_seen);
    assert_true(session.total_known);
    assert_int_equal(session.total, INT64_MAX);
    store_session_done(&session);
}

/* --- the end of sessions ------------------------------------------------- */

static void an_ended_session_leaves_a_marker_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_target target;
    struct store_ending ending = {.by = BITS_PACKET_CLOSE_SESSION,
                                  .outcome =
                                      cause_outcome(BITS_CAUSE_CLOSED_EARLY)};

    world_start_upload(world, world_id(1), 5000);
    assert_int_equal(world_count_staged(world), 1);
    session = world_row(world, world_id(1));
    assert_int_equal(world_end(world, &session, ending), BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(world_count_staged(world), 0);
    assert_int_equal(world_count(world), 0);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDED);
    assert_int_equal(session.ended_by, BITS_PACKET_CLOSE_SESSION);
    assert_int_equal(session.ended.cause, BITS_CAUSE_CLOSED_EARLY);
    assert_true(store_target_digest(text_of(""), text_of(world->section.prefix),
                                    text_of("file"), &target));
    assert_memory_equal(&session.target, &target, sizeof(target));
    store_session_done(&session);
}

static void the_end_spares_the_delivered_file(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_upload(world, world_id(1), "file", 1000),
                     BITS_CAUSE_OK);
    world_cancel(world, world_id(1));
    world_assert_file(world, "file", 1000);
}

static void an_ended_session_does_not_end_again(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_ending ending = {.by = BITS_PACKET_CLOSE_SESSION};

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    world_cancel(world, world_id(1));
    session = world_row(world, world_id(1));
    assert_int_equal(world_end(world, &session, ending),
                     BITS_CAUSE_SESSION_UNKNOWN);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.ended_by, BITS_PACKET_CANCEL_SESSION);
    store_session_done(&session);
}

static void a_marker_is_forgotten_after_a_day(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world_pass(world, 3 * HOUR);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    world_cancel(world, world_id(1));
    world_pass(world, DAY - 1);
    assert_int_equal(world_expired(world, &session, 1), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDED);
    store_session_done(&session);
    world_pass(world, 1);
    assert_int_equal(world_expired(world, &session, 1), 0);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
}

static bool is_remembered(struct world *world, unsigned number)
{
    struct store_session session;

    if (world_find(world, world_id(number), &session) != BITS_CAUSE_OK) {
        return false;
    }
    assert_int_equal(session.state, STORE_ENDED);
    store_session_done(&session);
    return true;
}

static void the_oldest_marker_makes_room_at_the_limit(void **state)
{
    struct world *world = *state;

    world_close(world);
    world->max_ended_sessions = 3;
    world_open(world);
    for (unsigned i = 1; i <= 4; i++) {
        world_pass(world, 1);
        assert_int_equal(world_create(world, world_id(i), "a", ""),
                         BITS_CAUSE_OK);
        assert_true(i == 1 || is_remembered(world, 1));
        world_cancel(world, world_id(i));
    }
    assert_false(is_remembered(world, 1));
    assert_true(is_remembered(world, 2));
    /* Counted again, not from 0, by the next process. */
    world_reopen(world);
    assert_int_equal(world_create(world, world_id(5), "a", ""), BITS_CAUSE_OK);
    world_cancel(world, world_id(5));
    assert_false(is_remembered(world, 2));
    assert_true(is_remembered(world, 3));
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_session_is_empty),
        TEST(an_id_is_given_once),
        TEST(an_unknown_id_is_unknown_to_every_call),
        TEST(an_outcome_is_found_after_a_restart),
        TEST(names_keep_their_bytes),
        TEST(learned_facts_survive_a_reopening),
        TEST(an_ended_session_leaves_a_marker_and_nothing_else),
        TEST(the_end_spares_the_delivered_file),
        TEST(an_ended_session_does_not_end_again),
        TEST(a_marker_is_forgotten_after_a_day),
        TEST(the_oldest_marker_makes_room_at_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
