/*
 * tests/contract/limits_test.c: who makes room at the limits of sessions.
 */
#include "world.h"

static void the_oldest_session_without_bytes_makes_room(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->config.max_sessions = 3;
    world->ops->place_reconfigure(world->place, &world->config);
    world_start_upload(world, world_id(1), 1);
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
    world_start_upload(world, world_id(1), 1);
    world_start_upload(world, world_id(2), 1);
    assert_int_equal(world_create(world, world_id(3), "a", ""),
                     BITS_TOO_MANY_SESSIONS);
    assert_int_equal(world_find(world, world_id(3), &session),
                     BITS_SESSION_UNKNOWN);
    world_cancel(world, world_id(1));
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
    world_cancel(world, world_id(2));
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
    world_cancel(world, world_id(0));
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
