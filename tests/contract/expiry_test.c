/*
 * tests/contract/expiry_test.c: when a session's time is over.
 */
#include "world.h"

#define DAY ((int64_t)24 * 3600)
#define HOUR ((int64_t)3600)

static const struct store_ending expiry = {.expiry = true};

/* S7 */
static void a_session_without_bytes_expires_at_nine_eighths(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    world_pass(world, DAY * 9 / 8 - 1);
    world_assert_alive(world, world_id(1));
    world_pass(world, 1);
    world_assert_over(world, world_id(1));
}

/* S7 */
static void a_session_with_bytes_expires_at_nine_eighths(void **state)
{
    struct world *world = *state;

    world_start_upload(world, world_id(1), 1);
    world_pass(world, 14 * DAY * 9 / 8 - 1);
    world_assert_alive(world, world_id(1));
    world_pass(world, 1);
    world_assert_over(world, world_id(1));
}

static void an_expired_delivery_leaves_the_file(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_upload(world, world_id(1), "file", 10),
                     BITS_CAUSE_OK);
    world_pass(world, 14 * DAY * 9 / 8);
    world_assert_over(world, world_id(1));
    world_assert_file(world, "file", 10);
}

/* D-20 */
static void activity_starts_the_time_anew(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world_start_upload(world, world_id(1), 1);
    world_pass(world, 14 * DAY);
    session = world_row(world, world_id(1));
    world->ops->touch(world->place, &session);
    store_session_done(&session);
    world_pass(world, 14 * DAY * 9 / 8 - 1);
    world_assert_alive(world, world_id(1));
    world_pass(world, 1);
    world_assert_over(world, world_id(1));
}

static void activity_is_written_only_when_due(void **state)
{
    struct world *world = *state;
    struct store_session session;
    int64_t start = world->wall;

    world_start_upload(world, world_id(1), 1);
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

    world_start_upload(world, world_id(1), 10);
    world_pass(world, 14 * DAY);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, stored, 11, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.active_at, world->wall);
    store_session_done(&session);
}

static void deadlines_move_by_a_jump_of_the_clock(void **state)
{
    struct world *world = *state;

    world_start_hour(world);
    world->wall += 20 * DAY;
    world_assert_alive(world, world_id(1));
    world->wall -= 50 * DAY;
    world_assert_alive(world, world_id(1));
    world_assert_has_the_rest(world);
}

static void
a_server_that_is_restarted_every_hour_lets_sessions_expire(void **state)
{
    struct world *world = *state;

    world_start_hour(world);
    for (int hour = 2; hour <= 27; hour++) {
        world_pass(world, HOUR);
        world_reopen(world);
    }
    world_assert_over(world, world_id(1));
}

/* S7 */
static void a_session_with_an_open_file_does_not_expire(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_session expired;
    struct store_file *file;
    uint64_t stored;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    world_pass(world, 2 * DAY);
    if (world_expired(world, &expired, 1) == 1) {
        store_session_done(&expired);
    }
    assert_int_equal(world_end(world, &session, expiry),
                     BITS_CAUSE_SESSION_UNKNOWN);
    world->ops->file_close(file);
    store_session_done(&session);
    world_assert_over(world, world_id(1));
}

static void expired_sessions_come_in_portions(void **state)
{
    struct world *world = *state;
    struct store_session sessions[3];

    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(world_create(world, world_id(i), "a", ""),
                         BITS_CAUSE_OK);
    }
    world_pass(world, 2 * DAY);
    for (size_t left = 5, count; left > 0; left -= count) {
        count = world_expired(world, sessions, 3);
        assert_int_equal(count, left < 3 ? left : 3);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(world_end(world, &sessions[i], expiry),
                             BITS_CAUSE_OK);
            store_session_done(&sessions[i]);
        }
    }
    assert_int_equal(world_count(world), 0);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_session_without_bytes_expires_at_nine_eighths),
        TEST(a_session_with_bytes_expires_at_nine_eighths),
        TEST(an_expired_delivery_leaves_the_file),
        TEST(activity_starts_the_time_anew),
        TEST(activity_is_written_only_when_due),
        TEST(growth_counts_as_activity),
        TEST(deadlines_move_by_a_jump_of_the_clock),
        TEST(a_server_that_is_restarted_every_hour_lets_sessions_expire),
        TEST(a_session_with_an_open_file_does_not_expire),
        TEST(expired_sessions_come_in_portions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
