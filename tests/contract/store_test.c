/*
 * tests/contract/store_test.c: what every store promises of rows, limits and
 * time.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY ((int64_t)24 * 3600)
#define HOUR ((int64_t)3600)

/* --- rows ---------------------------------------------------------------- */

/* N5 */
static void a_new_session_is_empty(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "a/b.txt", "alice"),
                     BITS_OK);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RECEIVING);
    assert_string_equal(session.prefix, "/");
    assert_string_equal(session.name, "a/b.txt");
    assert_string_equal(session.query, "q=1");
    assert_string_equal(session.user, "alice");
    assert_string_equal(session.url, "http://server/name");
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

    assert_int_equal(world_create(world, world_id(1), "first", ""), BITS_OK);
    assert_int_equal(world_create(world, world_id(1), "second", ""),
                     BITS_INTERNAL);
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
                     BITS_SESSION_UNKNOWN);
    session.id = world_id(7);
    assert_int_equal(world_learn(world, &session), BITS_SESSION_UNKNOWN);
    assert_int_equal(world_end(world, &session,
                               (struct store_ending){.by = BITS_CLOSE_SESSION}),
                     BITS_SESSION_UNKNOWN);
}

static void names_keep_their_bytes(void **state)
{
    static const char name[] = "\xff\xfe 'quoted' \"twice\" %s; DROP TABLE";
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), name, name), BITS_OK);
    session = world_row(world, world_id(1));
    assert_string_equal(session.name, name);
    assert_string_equal(session.user, name);
    store_session_done(&session);
}

static void what_was_learnt_outlives_the_store(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    session = world_row(world, world_id(1));
    session.fragment_seen = true;
    assert_int_equal(world_learn(world, &session), BITS_OK);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_true(session.fragment_seen);
    assert_false(session.total_known);
    session.total_known = true;
    session.total = INT64_MAX;
    assert_int_equal(world_learn(world, &session), BITS_OK);
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_true(session.fragment_seen);
    assert_true(session.total_known);
    assert_int_equal(session.total, INT64_MAX);
    store_session_done(&session);
}

/* --- the end of sessions ------------------------------------------------- */

/* A session with `bytes` bytes of a larger file. */
static void start_upload(struct world *world, struct bits_guid id,
                         uint64_t bytes)
{
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    assert_int_equal(world_create(world, id, "file", ""), BITS_OK);
    session = world_row(world, id);
    session.fragment_seen = true;
    session.total_known = true;
    session.total = 100000;
    assert_int_equal(world_learn(world, &session), BITS_OK);
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, 0, bytes, STORE_SETTLE_SYNC),
                     BITS_OK);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void cancel(struct world *world, struct bits_guid id)
{
    struct store_session session = world_row(world, id);
    struct store_ending ending = {.by = BITS_CANCEL_SESSION};

    assert_int_equal(world_end(world, &session, ending), BITS_OK);
    store_session_done(&session);
}

static void an_ended_session_leaves_a_marker_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_ending ending = {.by = BITS_CLOSE_SESSION,
                                  .cause = BITS_CLOSED_EARLY};

    start_upload(world, world_id(1), 5000);
    assert_int_equal(world_count_staged(world), 1);
    session = world_row(world, world_id(1));
    assert_int_equal(world_end(world, &session, ending), BITS_OK);
    store_session_done(&session);
    assert_int_equal(world_count_staged(world), 0);
    assert_int_equal(world_count(world), 0);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDED);
    assert_int_equal(session.ended_by, BITS_CLOSE_SESSION);
    assert_int_equal(session.ended_cause, BITS_CLOSED_EARLY);
    assert_string_equal(session.name, "file");
    store_session_done(&session);
}

static void the_end_spares_the_delivered_file(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_upload(world, world_id(1), "file", 1000), BITS_OK);
    cancel(world, world_id(1));
    world_assert_file(world, "file", 1000);
}

static void an_ended_session_does_not_end_again(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_ending ending = {.by = BITS_CLOSE_SESSION};

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    cancel(world, world_id(1));
    session = world_row(world, world_id(1));
    assert_int_equal(world_end(world, &session, ending), BITS_SESSION_UNKNOWN);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.ended_by, BITS_CANCEL_SESSION);
    store_session_done(&session);
}

static void a_marker_is_forgotten_after_a_day(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world_pass(world, 3 * HOUR);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    cancel(world, world_id(1));
    world_pass(world, DAY - 1);
    assert_int_equal(world_expired(world, &session, 1), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDED);
    store_session_done(&session);
    world_pass(world, 1);
    assert_int_equal(world_expired(world, &session, 1), 0);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_SESSION_UNKNOWN);
}

/* --- time ---------------------------------------------------------------- */

static const struct store_ending expiry = {.expiry = true};

/* Nothing is found, nothing is expired. */
static void assert_alive(struct world *world, struct bits_guid id)
{
    struct store_session session;

    assert_int_equal(world_expired(world, &session, 1), 0);
    session = world_row(world, id);
    assert_int_equal(world_end(world, &session, expiry), BITS_SESSION_UNKNOWN);
    store_session_done(&session);
    session = world_row(world, id);
    assert_true(session.state < STORE_ENDING);
    store_session_done(&session);
}

static void assert_over(struct world *world, struct bits_guid id)
{
    struct store_session session;

    assert_int_equal(world_find(world, id, &session), BITS_SESSION_UNKNOWN);
    assert_int_equal(world_expired(world, &session, 1), 1);
    assert_true(bits_guid_equal(&session.id, &id));
    assert_int_equal(world_end(world, &session, expiry), BITS_OK);
    store_session_done(&session);
    assert_int_equal(world_find(world, id, &session), BITS_SESSION_UNKNOWN);
    assert_int_equal(world_expired(world, &session, 1), 0);
    assert_int_equal(world_count(world), 0);
    assert_int_equal(world_count_staged(world), 0);
}

/* S7 */
static void a_session_without_bytes_expires_at_nine_eighths(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    world_pass(world, DAY * 9 / 8 - 1);
    assert_alive(world, world_id(1));
    world_pass(world, 1);
    assert_over(world, world_id(1));
}

/* S7 */
static void a_session_with_bytes_expires_at_nine_eighths(void **state)
{
    struct world *world = *state;

    start_upload(world, world_id(1), 1);
    world_pass(world, 14 * DAY * 9 / 8 - 1);
    assert_alive(world, world_id(1));
    world_pass(world, 1);
    assert_over(world, world_id(1));
}

static void an_expired_delivery_leaves_the_file(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_upload(world, world_id(1), "file", 10), BITS_OK);
    world_pass(world, 14 * DAY * 9 / 8);
    assert_over(world, world_id(1));
    world_assert_file(world, "file", 10);
}

/* D-20 */
static void activity_starts_the_time_anew(void **state)
{
    struct world *world = *state;
    struct store_session session;

    start_upload(world, world_id(1), 1);
    world_pass(world, 14 * DAY);
    session = world_row(world, world_id(1));
    world->ops->touch(world->place, &session);
    store_session_done(&session);
    world_pass(world, 14 * DAY * 9 / 8 - 1);
    assert_alive(world, world_id(1));
    world_pass(world, 1);
    assert_over(world, world_id(1));
}

static void activity_is_written_only_when_due(void **state)
{
    struct world *world = *state;
    struct store_session session;
    int64_t start = world->wall;

    start_upload(world, world_id(1), 1);
    world_pass(world, 14 * DAY / 8 - 1);
    session = world_row(world, world_id(1));
    world->ops->touch(world->place, &session);
    assert_int_equal(session.active_at, start);
    world_pass(world, 1);
    world->ops->touch(world->place, &session);
    assert_int_equal(session.active_at, world->wall);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.active_at, world->wall);
    store_session_done(&session);
}

static void growth_counts_as_activity(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    start_upload(world, world_id(1), 10);
    world_pass(world, 14 * DAY);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, stored, 11, STORE_SETTLE_SYNC),
                     BITS_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.active_at, world->wall);
    store_session_done(&session);
}

static void nothing_expires_within_two_hours_of_a_start(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    world_close(world);
    world_pass(world, 20 * DAY);
    world_open(world);
    assert_alive(world, world_id(1));
    world_pass(world, 2 * HOUR - 1);
    assert_alive(world, world_id(1));
    world_pass(world, 1);
    assert_over(world, world_id(1));
}

static void nothing_expires_within_two_hours_of_a_jump(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    world_pass(world, 3 * HOUR);
    assert_alive(world, world_id(1));
    world->wall += 20 * DAY; /* the clock is set */
    assert_alive(world, world_id(1));
    world_pass(world, 2 * HOUR - 1);
    assert_alive(world, world_id(1));
    world_pass(world, 1);
    assert_over(world, world_id(1));
}

/* S7 */
static void a_session_with_an_open_file_does_not_expire(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_session expired;
    struct store_file *file;
    uint64_t stored;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    world_pass(world, 2 * DAY);
    if (world_expired(world, &expired, 1) == 1) {
        store_session_done(&expired);
    }
    assert_int_equal(world_end(world, &session, expiry), BITS_SESSION_UNKNOWN);
    world->ops->file_close(file);
    store_session_done(&session);
    assert_over(world, world_id(1));
}

static void expired_sessions_come_in_portions(void **state)
{
    struct world *world = *state;
    struct store_session sessions[3];

    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(world_create(world, world_id(i), "a", ""), BITS_OK);
    }
    world_pass(world, 2 * DAY);
    for (size_t left = 5, count; left > 0; left -= count) {
        count = world_expired(world, sessions, 3);
        assert_int_equal(count, left < 3 ? left : 3);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(world_end(world, &sessions[i], expiry), BITS_OK);
            store_session_done(&sessions[i]);
        }
    }
    assert_int_equal(world_count(world), 0);
}

/* --- limits -------------------------------------------------------------- */

static void the_oldest_session_without_bytes_makes_room(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions = 3;
    world->ops->place_reconfigure(world->place, &world->config);
    start_upload(world, world_id(1), 1);
    for (unsigned i = 2; i <= 4; i++) {
        world_pass(world, 1);
        assert_int_equal(world_create(world, world_id(i), "a", ""), BITS_OK);
    }
    assert_int_equal(world_count(world), 3);
    assert_int_equal(world_find(world, world_id(2), &session),
                     BITS_SESSION_UNKNOWN);
    for (unsigned i = 1; i <= 4; i++) {
        if (i != 2) {
            session = world_row(world, world_id(i));
            store_session_done(&session);
        }
    }
}

/* Their ids fall while they are made. */
static void within_a_second_the_first_one_made_makes_room(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions = 2;
    world->ops->place_reconfigure(world->place, &world->config);
    for (unsigned i = 9; i >= 7; i--) {
        assert_int_equal(world_create(world, world_id(i), "a", ""), BITS_OK);
    }
    assert_int_equal(world_find(world, world_id(9), &session),
                     BITS_SESSION_UNKNOWN);
    session = world_row(world, world_id(8));
    store_session_done(&session);
}

static void sessions_with_bytes_make_no_room(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions = 2;
    world->ops->place_reconfigure(world->place, &world->config);
    start_upload(world, world_id(1), 1);
    start_upload(world, world_id(2), 1);
    assert_int_equal(world_create(world, world_id(3), "a", ""),
                     BITS_TOO_MANY_SESSIONS);
    assert_int_equal(world_find(world, world_id(3), &session),
                     BITS_SESSION_UNKNOWN);
    cancel(world, world_id(1));
    assert_int_equal(world_create(world, world_id(3), "a", ""), BITS_OK);
    assert_int_equal(world_count(world), 2);
}

static void a_session_in_use_makes_no_room(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    world->config.max_sessions = 1;
    world->ops->place_reconfigure(world->place, &world->config);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    assert_int_equal(world_create(world, world_id(2), "a", ""),
                     BITS_TOO_MANY_SESSIONS);
    world->ops->file_close(file);
    store_session_done(&session);
    assert_int_equal(world_create(world, world_id(2), "a", ""), BITS_OK);
}

static void each_user_has_a_limit(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions_per_user = 1;
    world->ops->place_reconfigure(world->place, &world->config);
    assert_int_equal(world_create(world, world_id(1), "a", "alice"), BITS_OK);
    assert_int_equal(world_create(world, world_id(2), "a", "bob"), BITS_OK);
    assert_int_equal(world_create(world, world_id(3), "a", "alice"), BITS_OK);
    assert_int_equal(world_count(world), 2);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_SESSION_UNKNOWN);
    session = world_row(world, world_id(2));
    store_session_done(&session);
}

static void the_anonymous_user_has_a_limit(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions_per_user = 2;
    world->ops->place_reconfigure(world->place, &world->config);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_OK);
    assert_int_equal(world_create(world, world_id(2), "a", ""), BITS_OK);
    assert_int_equal(world_create(world, world_id(3), "a", ""), BITS_OK);
    assert_int_equal(world_count(world), 2);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_SESSION_UNKNOWN);
}

/* The oldest session would go otherwise. */
static void ended_sessions_leave_room_for_their_user(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions_per_user = 2;
    world->ops->place_reconfigure(world->place, &world->config);
    assert_int_equal(world_create(world, world_id(1), "a", "alice"), BITS_OK);
    assert_int_equal(world_create(world, world_id(2), "a", "alice"), BITS_OK);
    cancel(world, world_id(2));
    assert_int_equal(world_create(world, world_id(3), "a", "alice"), BITS_OK);
    session = world_row(world, world_id(1));
    store_session_done(&session);
}

static void the_count_outlives_the_store(void **state)
{
    struct world *world = *state;

    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(world_create(world, world_id(i), "a", ""), BITS_OK);
    }
    cancel(world, world_id(0));
    assert_int_equal(world_upload(world, world_id(9), "done", 5), BITS_OK);
    assert_int_equal(world_count(world), 4);
    world_reopen(world);
    assert_int_equal(world_count(world), 4);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_session_is_empty),
        TEST(an_id_is_given_once),
        TEST(an_unknown_id_is_unknown_to_every_call),
        TEST(names_keep_their_bytes),
        TEST(what_was_learnt_outlives_the_store),
        TEST(an_ended_session_leaves_a_marker_and_nothing_else),
        TEST(the_end_spares_the_delivered_file),
        TEST(an_ended_session_does_not_end_again),
        TEST(a_marker_is_forgotten_after_a_day),
        TEST(a_session_without_bytes_expires_at_nine_eighths),
        TEST(a_session_with_bytes_expires_at_nine_eighths),
        TEST(an_expired_delivery_leaves_the_file),
        TEST(activity_starts_the_time_anew),
        TEST(activity_is_written_only_when_due),
        TEST(growth_counts_as_activity),
        TEST(nothing_expires_within_two_hours_of_a_start),
        TEST(nothing_expires_within_two_hours_of_a_jump),
        TEST(a_session_with_an_open_file_does_not_expire),
        TEST(expired_sessions_come_in_portions),
        TEST(the_oldest_session_without_bytes_makes_room),
        TEST(within_a_second_the_first_one_made_makes_room),
        TEST(sessions_with_bytes_make_no_room),
        TEST(a_session_in_use_makes_no_room),
        TEST(each_user_has_a_limit),
        TEST(the_anonymous_user_has_a_limit),
        TEST(ended_sessions_leave_room_for_their_user),
        TEST(the_count_outlives_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
