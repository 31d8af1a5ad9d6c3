/*
 * tests/contract/once_test.c: users who may deliver one file only.
 */
#include <stdio.h>

#include "world.h"

#define USER "invite:0123456789abcdef"

/* The clock of a world stands before it. */
#define LATER INT64_C(4000000000)

static enum bits_cause create_once(struct world *world, unsigned number)
{
    enum bits_cause cause;

    world->once_until = LATER;
    cause = world_create(world, world_id(number), "a", USER);
    world->once_until = 0;
    return cause;
}

static void deliver(struct world *world, unsigned number)
{
    struct store_session session = world_row(world, world_id(number));

    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    store_session_done(&session);
}

static void the_second_file_is_refused(void **state)
{
    struct world *world = *state;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    deliver(world, 1);
    assert_int_equal(create_once(world, 2), CAUSE_INVITATION_USED);
    assert_int_equal(world_create(world, world_id(3), "b", "other"),
                     BITS_CAUSE_OK);
}

static void a_delivery_counts_after_the_session_ended(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    deliver(world, 1);
    session = world_row(world, world_id(1));
    assert_int_equal(
        world_end(world, &session,
                  (struct store_ending){.by = BITS_PACKET_CLOSE_SESSION}),
        BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(create_once(world, 2), CAUSE_INVITATION_USED);
}

static void a_delivery_counts_after_a_restart(void **state)
{
    struct world *world = *state;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    deliver(world, 1);
    world_reopen(world);
    assert_int_equal(create_once(world, 2), CAUSE_INVITATION_USED);
}

static bool is_there(struct world *world, unsigned number)
{
    struct store_session session;

    if (world_find(world, world_id(number), &session) != BITS_CAUSE_OK) {
        return false;
    }
    store_session_done(&session);
    return true;
}

static void a_session_without_bytes_makes_room(void **state)
{
    struct world *world = *state;

    for (unsigned number = 1; number <= 3; number++) {
        assert_int_equal(create_once(world, number), BITS_CAUSE_OK);
    }
    assert_false(is_there(world, 1));
    assert_false(is_there(world, 2));
    assert_true(is_there(world, 3));
    assert_int_equal(world_count(world), 1);
}

static void a_session_with_bytes_does_not(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    session.fragment_seen = true;
    session.total_known = true;
    session.total = 10;
    session.stored_any = true;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(create_once(world, 2), CAUSE_INVITATION_BUSY);
    assert_true(is_there(world, 1));
}

static void a_session_whose_file_is_open_does_not(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    assert_int_equal(create_once(world, 2), CAUSE_INVITATION_BUSY);
    world->ops->file_close(file);
    store_session_done(&session);
    assert_int_equal(create_once(world, 3), BITS_CAUSE_OK);
    assert_false(is_there(world, 1));
}

static void a_cancelled_session_counts_for_nothing(void **state)
{
    struct world *world = *state;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    world_cancel(world, world_id(1));
    assert_int_equal(create_once(world, 2), BITS_CAUSE_OK);
}

static void a_failed_delivery_counts_for_nothing(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(create_once(world, 1), BITS_CAUSE_OK);
    world_write(world, "a", "in the way");
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL), CAUSE_FILE_EXISTS);
    assert_int_equal(create_once(world, 2), CAUSE_INVITATION_BUSY);
    store_session_done(&session);
    world_cancel(world, world_id(1));
    world_remove(world, "a");
    assert_int_equal(create_once(world, 3), BITS_CAUSE_OK);
    deliver(world, 3);
    assert_int_equal(create_once(world, 4), CAUSE_INVITATION_USED);
}

#define TESTS(TEST)                                                            \
    TEST(the_second_file_is_refused),                                          \
        TEST(a_cancelled_session_counts_for_nothing),                          \
        TEST(a_delivery_counts_after_the_session_ended),                       \
        TEST(a_delivery_counts_after_a_restart),                               \
        TEST(a_session_without_bytes_makes_room),                              \
        TEST(a_session_with_bytes_does_not),                                   \
        TEST(a_session_whose_file_is_open_does_not),                           \
        TEST(a_failed_delivery_counts_for_nothing)

WORLD_MAIN_TWICE(TESTS)
