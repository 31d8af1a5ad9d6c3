/*
 * tests/contract/quota_test.c: how much a user, and all of them, may take in
 * within a period.
 */
#include <string.h>

#include "world.h"

#define DAY 86400

/* Files and bytes of each user; the period is a day. */
static void limit_users(struct world *world, uint64_t files, uint64_t bytes)
{
    world->section.quota_period = DAY;
    world->section.quota = (struct store_quota){UINT64_MAX, UINT64_MAX};
    world->section.quota_per_user = (struct store_quota){files, bytes};
    world_reconfigure(world);
}

/* A session of a user whose Fragment names the total; returns the cause. */
static enum bits_cause claim(struct world *world, unsigned number,
                             const char *user, uint64_t total)
{
    struct store_session session;
    enum bits_cause cause = world_create(world, world_id(number), "file", user);

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    session = world_row(world, world_id(number));
    session.fragment_seen = true;
    session.total_known = true;
    session.total = total;
    cause = world_learn(world, &session);
    store_session_done(&session);
    return cause;
}

/* Delivers a file of a user, and closes the session. */
static void deliver(struct world *world, unsigned number, const char *user,
                    uint64_t total)
{
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    assert_int_equal(claim(world, number, user, total), BITS_CAUSE_OK);
    session = world_row(world, world_id(number));
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, 0, total, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    assert_int_equal(world_end(world, &session,
                               (struct store_ending){
                                   .by = BITS_PACKET_CLOSE_SESSION,
                                   .outcome = cause_outcome(BITS_CAUSE_OK)}),
                     BITS_CAUSE_OK);
    store_session_done(&session);
    world_remove(world, "file");
}

static void unfinished_sessions_hold_their_totals(void **state)
{
    struct world *world = *state;

    limit_users(world, UINT64_MAX, 100);
    assert_int_equal(claim(world, 1, "ann", 60), BITS_CAUSE_OK);
    assert_int_equal(claim(world, 2, "ann", 41), CAUSE_QUOTA_USED_UP);
    assert_true(world->op.outcome.retry_after > 0);
    assert_string_equal(world->op.fault.text,
                        "max_bytes_per_user = 100, 60 are in use");
    assert_int_equal(claim(world, 3, "ann", 40), BITS_CAUSE_OK);
    assert_int_equal(claim(world, 4, "ann", 1), CAUSE_QUOTA_USED_UP);
    assert_int_equal(claim(world, 5, "ben", 100), BITS_CAUSE_OK);
}

static void a_file_above_the_quota_is_refused_for_good(void **state)
{
    struct world *world = *state;

    limit_users(world, UINT64_MAX, 100);
    assert_int_equal(claim(world, 1, "ann", 101), CAUSE_QUOTA_TOO_SMALL);
    assert_int_equal(world->op.outcome.retry_after, 0);
    assert_int_equal(claim(world, 2, "ann", 100), BITS_CAUSE_OK);
}

static void a_refused_total_is_not_committed(void **state)
{
    struct world *world = *state;
    struct store_session session;

    limit_users(world, UINT64_MAX, 100);
    assert_int_equal(claim(world, 1, "ann", 101), CAUSE_QUOTA_TOO_SMALL);
    session = world_row(world, world_id(1));
    assert_false(session.total_known);
    assert_false(session.fragment_seen);
    store_session_done(&session);
}

static void learning_again_counts_once(void **state)
{
    struct world *world = *state;
    struct store_session session;

    limit_users(world, 2, 100);
    assert_int_equal(claim(world, 1, "ann", 60), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    session.stored_any = true;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(claim(world, 2, "ann", 40), BITS_CAUSE_OK);
}

static void delivered_files_count_until_the_period_ends(void **state)
{
    struct world *world = *state;

    limit_users(world, UINT64_MAX, 100);
    world->wall = (int64_t)20000 * DAY + 10;
    deliver(world, 1, "ann", 70);
    assert_int_equal(claim(world, 2, "ann", 31), CAUSE_QUOTA_USED_UP);
    world_cancel(world, world_id(2));
    world_reopen(world);
    assert_int_equal(claim(world, 3, "ann", 31), CAUSE_QUOTA_USED_UP);
    world_cancel(world, world_id(3));
    world_pass(world, DAY - 11);
    assert_int_equal(claim(world, 4, "ann", 31), CAUSE_QUOTA_USED_UP);
    assert_int_equal(world->op.outcome.retry_after, 1);
    world_cancel(world, world_id(4));
    world_pass(world, 1);
    assert_int_equal(claim(world, 5, "ann", 100), BITS_CAUSE_OK);
}

static void cancelled_sessions_free_what_they_held(void **state)
{
    struct world *world = *state;

    limit_users(world, 1, 100);
    assert_int_equal(claim(world, 1, "ann", 100), BITS_CAUSE_OK);
    assert_int_equal(claim(world, 2, "ann", 1), CAUSE_QUOTA_USED_UP);
    world_cancel(world, world_id(1));
    assert_int_equal(claim(world, 3, "ann", 100), BITS_CAUSE_OK);
}

static void files_are_counted_with_their_first_fragment(void **state)
{
    struct world *world = *state;

    limit_users(world, 2, UINT64_MAX);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(world_create(world, world_id(i), "file", "ann"),
                         BITS_CAUSE_OK);
    }
    assert_int_equal(claim(world, 4, "ann", 0), BITS_CAUSE_OK);
    deliver(world, 5, "ann", 1);
    assert_int_equal(world_create(world, world_id(6), "file", "ann"),
                     CAUSE_QUOTA_USED_UP);
    assert_string_equal(world->op.fault.text,
                        "max_files_per_user = 2, 2 are in use");
    assert_true(world->op.outcome.retry_after > 0);
}

static void anonymous_clients_are_one_user(void **state)
{
    struct world *world = *state;

    limit_users(world, UINT64_MAX, 100);
    world->address = "10.0.0.1";
    assert_int_equal(claim(world, 1, "", 60), BITS_CAUSE_OK);
    world->address = "10.0.0.2";
    assert_int_equal(claim(world, 2, "", 41), CAUSE_QUOTA_USED_UP);
}

static void all_users_together_have_a_quota(void **state)
{
    struct world *world = *state;

    limit_users(world, UINT64_MAX, 100);
    world->section.quota = (struct store_quota){3, 150};
    world_reconfigure(world);
    deliver(world, 1, "ann", 100);
    assert_int_equal(claim(world, 2, "ben", 51), CAUSE_QUOTA_USED_UP);
    assert_string_equal(world->op.fault.text,
                        "max_bytes = 150, 100 are in use");
    assert_int_equal(claim(world, 3, "ben", 49), BITS_CAUSE_OK);
    assert_int_equal(claim(world, 4, "cid", 1), BITS_CAUSE_OK);
    assert_int_equal(claim(world, 5, "dan", 0), CAUSE_QUOTA_USED_UP);
}

static void sessions_from_before_the_quota_do_not_count(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "file", "ann"),
                     BITS_CAUSE_OK);
    limit_users(world, 1, 100);
    session = world_row(world, world_id(1));
    session.total_known = true;
    session.total = 1000;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(claim(world, 2, "ann", 100), BITS_CAUSE_OK);
}

static void the_last_period_is_forgotten_but_not_what_is_held(void **state)
{
    struct world *world = *state;
    struct store_session found[4];

    limit_users(world, UINT64_MAX, 100);
    world->wall = (int64_t)20000 * DAY;
    deliver(world, 1, "ann", 70);
    assert_int_equal(claim(world, 2, "ben", 60), BITS_CAUSE_OK);
    world_pass(world, DAY);
    assert_int_equal(world_expired(world, found, 4), 0);
    assert_int_equal(claim(world, 3, "ben", 41), CAUSE_QUOTA_USED_UP);
    assert_int_equal(claim(world, 4, "ann", 100), BITS_CAUSE_OK);
}

#define TESTS(TEST)                                                            \
    TEST(unfinished_sessions_hold_their_totals),                               \
        TEST(a_file_above_the_quota_is_refused_for_good),                      \
        TEST(a_refused_total_is_not_committed),                                \
        TEST(learning_again_counts_once),                                      \
        TEST(delivered_files_count_until_the_period_ends),                     \
        TEST(cancelled_sessions_free_what_they_held),                          \
        TEST(files_are_counted_with_their_first_fragment),                     \
        TEST(anonymous_clients_are_one_user),                                  \
        TEST(all_users_together_have_a_quota),                                 \
        TEST(sessions_from_before_the_quota_do_not_count),                     \
        TEST(the_last_period_is_forgotten_but_not_what_is_held)

WORLD_MAIN_TWICE(TESTS)
