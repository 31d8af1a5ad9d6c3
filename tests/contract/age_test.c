/*
 * tests/contract/age_test.c: the record of the clock by which sessions of the
 * local store age.
 */
#include "world.h"

#include <sqlite3.h>
#include <stdio.h>

#define DAY ((int64_t)24 * 3600)
#define HOUR ((int64_t)3600)

static const int64_t jump = (int64_t)30 * 24 * 3600;
static unsigned jump_at; /* the wall clock is read so often before it jumps */

static sqlite3 *open_index(struct world *world)
{
    char path[256];
    sqlite3 *handle;

    (void)snprintf(path, sizeof(path), "%s/index.db", world->state);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    return handle;
}

static int64_t alive_at(struct world *world)
{
    sqlite3 *handle = open_index(world);
    sqlite3_stmt *statement;
    int64_t at;

    assert_int_equal(
        sqlite3_prepare_v2(handle,
                           "SELECT value FROM meta WHERE name = 'alive_at'", -1,
                           &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    at = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return at;
}

/* What a kill leaves is the last record. */
static void the_time_is_recorded_every_ten_minutes(void **state)
{
    struct world *world = *state;
    struct store_session session;
    int64_t first = alive_at(world);

    world_pass(world, 599);
    assert_int_equal(world_expired(world, &session, 1), 0);
    assert_int_equal(alive_at(world), first);
    world_pass(world, 1);
    assert_int_equal(world_expired(world, &session, 1), 0);
    assert_int_equal(alive_at(world), first + 600);
}

static int64_t jumping_wall(void *context)
{
    struct world *world = context;

    if (jump_at > 0 && --jump_at == 0) {
        world->wall += jump;
    }
    return world->wall;
}

/* Whichever of the times that a call reads is the first one after the jump. */
static void a_jump_in_the_middle_of_a_call_ends_no_session(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    world->clock.wall = jumping_wall;
    for (unsigned i = 1; i <= 8; i++) {
        jump_at = i;
        session = world_row(world, world_id(1));
        store_session_done(&session);
    }
}

static void deadlines_move_by_the_time_that_the_server_was_off(void **state)
{
    struct world *world = *state;

    world_start_hour(world);
    world_close(world);
    world_pass(world, 20 * DAY);
    world_open(world);
    world_assert_alive(world, world_id(1));
    world_assert_has_the_rest(world);
}

/* Ten minutes off could as well be the time since the last record. */
static void a_short_stop_moves_no_deadline(void **state)
{
    struct world *world = *state;
    const int64_t at_most = 600;

    world_start_hour(world);
    world_close(world);
    world_pass(world, at_most);
    world_open(world);
    world_pass(world, DAY * 9 / 8 - HOUR - at_most - 1);
    world_assert_alive(world, world_id(1));
    world_pass(world, 1);
    world_assert_over(world, world_id(1));

    world_start_hour(world);
    world_close(world);
    world_pass(world, at_most + 1);
    world_open(world);
    world_assert_has_the_rest(world);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_time_is_recorded_every_ten_minutes),
        TEST(a_jump_in_the_middle_of_a_call_ends_no_session),
        TEST(deadlines_move_by_the_time_that_the_server_was_off),
        TEST(a_short_stop_moves_no_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
