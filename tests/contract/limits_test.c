/*
 * tests/contract/limits_test.c: who makes room at the limits of sessions.
 */
#include <stdio.h>

#include "world.h"

static void the_oldest_session_without_bytes_makes_room(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.max_sessions = 3;
    world->ops->place_reconfigure(world->place, &world->section);
    world_start_upload(world, world_id(1), 1);
    for (unsigned i = 2; i <= 4; i++) {
        world_pass(world, 1);
        assert_int_equal(world_create(world, world_id(i), "a", ""),
                         BITS_CAUSE_OK);
    }
    assert_int_equal(world_count(world), 3);
    assert_int_equal(world_find(world, world_id(2), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
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

    world->section.max_sessions = 2;
    world->ops->place_reconfigure(world->place, &world->section);
    for (unsigned i = 9; i >= 7; i--) {
        assert_int_equal(world_create(world, world_id(i), "a", ""),
                         BITS_CAUSE_OK);
    }
    assert_int_equal(world_find(world, world_id(9), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    session = world_row(world, world_id(8));
    store_session_done(&session);
}

static void limit_sessions(struct world *world, uint64_t limit)
{
    world->section.max_sessions = limit;
    world->ops->place_reconfigure(world->place, &world->section);
}

/* A session that is younger than all others. */
static enum bits_cause create_from(struct world *world, unsigned number,
                                   const char *address)
{
    world_pass(world, 1);
    world->address = address;
    return world_create(world, world_id(number), "a", "");
}

static void start_upload_from(struct world *world, unsigned number,
                              const char *address)
{
    world_pass(world, 1);
    world->address = address;
    world_start_upload(world, world_id(number), 10);
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

static void the_newcomers_own_session_makes_room_first(void **state)
{
    struct world *world = *state;

    limit_sessions(world, 3);
    assert_int_equal(create_from(world, 1, "10.0.0.1"), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 2, "10.0.0.1"), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 3, "10.0.0.2"), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 4, "10.0.0.2"), BITS_CAUSE_OK);
    assert_false(is_there(world, 3));
    assert_true(is_there(world, 1));
    assert_true(is_there(world, 2));
}

static void then_the_owner_of_the_most_sessions_makes_room(void **state)
{
    struct world *world = *state;

    limit_sessions(world, 3);
    assert_int_equal(create_from(world, 1, "10.0.0.1"), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 2, "10.0.0.2"), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 3, "10.0.0.2"), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 4, "10.0.0.3"), BITS_CAUSE_OK);
    assert_false(is_there(world, 2));
    assert_true(is_there(world, 1));
    assert_true(is_there(world, 3));
}

static void a_crowd_with_bytes_locks_out_no_other_user(void **state)
{
    struct world *world = *state;
    const unsigned crowd = 16;

    limit_sessions(world, crowd + 1);
    start_upload_from(world, 1, "10.0.0.2");
    for (unsigned i = 2; i <= crowd + 1; i++) {
        start_upload_from(world, i, "10.0.0.1");
    }
    assert_int_equal(create_from(world, 90, "10.0.0.1"),
                     CAUSE_TOO_MANY_SESSIONS);
    assert_int_equal(create_from(world, 91, "10.0.0.3"), BITS_CAUSE_OK);
    assert_true(is_there(world, 1));
    world_reopen(world); /* what runs in the background is over */
    assert_int_equal(world_count_staged(world), crowd);
}

/* The eviction is committed although no session was made. */
static void an_evicted_session_goes_although_the_new_id_is_taken(void **state)
{
    struct world *world = *state;
    const unsigned crowd = 16;

    limit_sessions(world, crowd);
    for (unsigned i = 1; i <= crowd; i++) {
        start_upload_from(world, i, "10.0.0.1");
    }
    assert_int_equal(create_from(world, crowd, "10.0.0.2"),
                     BITS_CAUSE_INTERNAL);
    /* Waits for what runs in the background. */
    world->ops->place_close(world->place);
    world->place = NULL;
    assert_int_equal(world_count_staged(world), crowd - 1);
    assert_int_equal(world_count(world), crowd - 1);
    assert_false(is_there(world, 1));
}

static void a_delivered_session_makes_room_before_all_others(void **state)
{
    struct world *world = *state;
    struct store_session session;

    limit_sessions(world, 3);
    assert_int_equal(create_from(world, 1, "10.0.0.1"), BITS_CAUSE_OK);
    assert_int_equal(world_upload(world, world_id(2), "2", 1), BITS_CAUSE_OK);
    assert_int_equal(world_upload(world, world_id(3), "3", 1), BITS_CAUSE_OK);
    assert_int_equal(create_from(world, 4, "10.0.0.1"), BITS_CAUSE_OK);
    assert_true(is_there(world, 1));
    assert_true(is_there(world, 3));
    session = world_row(world, world_id(2));
    assert_int_equal(session.state, STORE_ENDED);
    assert_int_equal(session.ended_by, BITS_PACKET_CLOSE_SESSION);
    assert_int_equal(session.ended.cause, BITS_CAUSE_OK);
    store_session_done(&session);
}

static void a_few_sessions_with_bytes_are_not_a_crowd(void **state)
{
    struct world *world = *state;
    const unsigned few = 15;
    const unsigned limit = 40;

    limit_sessions(world, limit);
    for (unsigned i = few + 1; i <= limit; i++) {
        char address[16];

        (void)snprintf(address, sizeof(address), "10.0.1.%u", i);
        start_upload_from(world, i, address);
    }
    for (unsigned i = 1; i <= few; i++) {
        start_upload_from(world, i, "10.0.0.1");
    }
    assert_int_equal(create_from(world, 91, "10.0.0.3"),
                     CAUSE_TOO_MANY_SESSIONS);
}

static void at_a_small_limit_the_greater_half_is_a_crowd(void **state)
{
    struct world *world = *state;

    limit_sessions(world, 4);
    start_upload_from(world, 1, "10.0.0.2");
    for (unsigned i = 2; i <= 4; i++) {
        start_upload_from(world, i, "10.0.0.1");
    }
    assert_int_equal(create_from(world, 91, "10.0.0.3"), BITS_CAUSE_OK);
    world_reopen(world); /* what runs in the background is over */
    assert_true(is_there(world, 1));
    assert_false(is_there(world, 2));
}

static void a_half_is_not_a_crowd(void **state)
{
    struct world *world = *state;

    limit_sessions(world, 4);
    for (unsigned i = 1; i <= 4; i++) {
        start_upload_from(world, i, i % 2 ? "10.0.0.1" : "10.0.0.2");
    }
    assert_int_equal(create_from(world, 91, "10.0.0.3"),
                     CAUSE_TOO_MANY_SESSIONS);
}

static void the_only_session_makes_no_room(void **state)
{
    struct world *world = *state;

    limit_sessions(world, 1);
    start_upload_from(world, 1, "10.0.0.1");
    assert_int_equal(create_from(world, 91, "10.0.0.3"),
                     CAUSE_TOO_MANY_SESSIONS);
}

static void sessions_with_bytes_make_no_room(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.max_sessions = 2;
    world->ops->place_reconfigure(world->place, &world->section);
    world_start_upload(world, world_id(1), 1);
    world_start_upload(world, world_id(2), 1);
    assert_int_equal(world_create(world, world_id(3), "a", ""),
                     CAUSE_TOO_MANY_SESSIONS);
    assert_int_equal(world_find(world, world_id(3), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    world_cancel(world, world_id(1));
    assert_int_equal(world_create(world, world_id(3), "a", ""), BITS_CAUSE_OK);
    assert_int_equal(world_count(world), 2);
}

/* The sessions in use stay, although their owner has most of them. */
static void sessions_in_use_make_no_crowd_of_the_others(void **state)
{
    struct world *world = *state;
    const unsigned limit = 40;
    const unsigned honest = 16;
    struct store_session sessions[40];
    struct store_file *files[40];
    uint64_t stored;

    limit_sessions(world, limit);
    for (unsigned i = 1; i <= honest; i++) {
        start_upload_from(world, i, "10.0.0.2");
    }
    for (unsigned i = 0; i < limit - honest; i++) {
        assert_int_equal(create_from(world, honest + 1 + i, "10.0.0.1"),
                         BITS_CAUSE_OK);
        sessions[i] = world_row(world, world_id(honest + 1 + i));
        files[i] = world_file(world, &sessions[i], &stored);
    }
    assert_int_equal(create_from(world, 91, "10.0.0.3"),
                     CAUSE_TOO_MANY_SESSIONS);
    for (unsigned i = 0; i < limit - honest; i++) {
        world->ops->file_close(files[i]);
        store_session_done(&sessions[i]);
    }
}

static void a_session_in_use_makes_no_room(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    world->section.max_sessions = 1;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    assert_int_equal(world_create(world, world_id(2), "a", ""),
                     CAUSE_TOO_MANY_SESSIONS);
    world->ops->file_close(file);
    store_session_done(&session);
    assert_int_equal(world_create(world, world_id(2), "a", ""), BITS_CAUSE_OK);
}

/* Keeps the file of one session open. */
struct keeper {
    struct store_keeper base;
    const struct store_ops *ops;
    struct bits_guid id;
    struct store_file *file;
};

static void let_go(struct store_keeper *base, const struct bits_guid *id)
{
    struct keeper *keeper = (struct keeper *)(void *)base;

    if (bits_guid_equal(id, &keeper->id)) {
        keeper->ops->file_close(keeper->file);
        keeper->file = NULL;
    }
}

static void evicted(struct store_keeper *base, const struct bits_guid *id,
                    bool had_bytes)
{
    (void)base;
    (void)id;
    (void)had_bytes;
}

static void a_session_that_is_only_kept_makes_room(void **state)
{
    struct world *world = *state;
    struct keeper keeper = {.base = {.let_go = let_go, .evicted = evicted},
                            .ops = world->ops};
    struct store_session session;
    uint64_t stored;

    world->keeper = &keeper.base;
    limit_sessions(world, 1);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    keeper.id = session.id;
    keeper.file = world_file(world, &session, &stored);
    assert_int_equal(world_create(world, world_id(2), "a", ""), BITS_CAUSE_OK);
    assert_null(keeper.file);
    assert_false(is_there(world, 1));
    store_session_done(&session);
}

static void each_user_has_a_limit(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.max_sessions_per_user = 1;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_create(world, world_id(1), "a", "alice"),
                     BITS_CAUSE_OK);
    assert_int_equal(world_create(world, world_id(2), "a", "bob"),
                     BITS_CAUSE_OK);
    assert_int_equal(world_create(world, world_id(3), "a", "alice"),
                     BITS_CAUSE_OK);
    assert_int_equal(world_count(world), 2);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    session = world_row(world, world_id(2));
    store_session_done(&session);
}

static void the_anonymous_user_has_a_limit(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.max_sessions_per_user = 2;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    assert_int_equal(world_create(world, world_id(2), "a", ""), BITS_CAUSE_OK);
    assert_int_equal(world_create(world, world_id(3), "a", ""), BITS_CAUSE_OK);
    assert_int_equal(world_count(world), 2);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
}

/* The oldest session would go otherwise. */
static void ended_sessions_leave_room_for_their_user(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.max_sessions_per_user = 2;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_create(world, world_id(1), "a", "alice"),
                     BITS_CAUSE_OK);
    assert_int_equal(world_create(world, world_id(2), "a", "alice"),
                     BITS_CAUSE_OK);
    world_cancel(world, world_id(2));
    assert_int_equal(world_create(world, world_id(3), "a", "alice"),
                     BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    store_session_done(&session);
}

static void the_count_outlives_the_store(void **state)
{
    struct world *world = *state;

    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(world_create(world, world_id(i), "a", ""),
                         BITS_CAUSE_OK);
    }
    world_cancel(world, world_id(0));
    assert_int_equal(world_upload(world, world_id(9), "done", 5),
                     BITS_CAUSE_OK);
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
        TEST(the_newcomers_own_session_makes_room_first),
        TEST(then_the_owner_of_the_most_sessions_makes_room),
        TEST(a_crowd_with_bytes_locks_out_no_other_user),
        TEST(an_evicted_session_goes_although_the_new_id_is_taken),
        TEST(a_delivered_session_makes_room_before_all_others),
        TEST(a_few_sessions_with_bytes_are_not_a_crowd),
        TEST(at_a_small_limit_the_greater_half_is_a_crowd),
        TEST(a_half_is_not_a_crowd),
        TEST(the_only_session_makes_no_room),
        TEST(sessions_with_bytes_make_no_room),
        TEST(sessions_in_use_make_no_crowd_of_the_others),
        TEST(a_session_in_use_makes_no_room),
        TEST(a_session_that_is_only_kept_makes_room),
        TEST(each_user_has_a_limit),
        TEST(the_anonymous_user_has_a_limit),
        TEST(ended_sessions_leave_room_for_their_user),
        TEST(the_count_outlives_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
