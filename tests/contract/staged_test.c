/*
 * tests/contract/staged_test.c: staged files that somebody removed or cut, and
 * their deliveries.
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of 10 000 bytes that could not be delivered, but could now. */
static void leave_staged(struct world *world, char *path, size_t size)
{
    world_write(world, "file", "old");
    assert_int_equal(world_upload(world, world_id(1), "file", 10000),
                     BITS_FILE_EXISTS);
    world_staged_path(world, world_id(1), path, size);
    world_remove(world, "file");
}

static void a_missing_staged_file_is_reported(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    leave_staged(world, path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL),
                     BITS_STAGED_FILE_MISSING);
    assert_int_equal(session.state, STORE_RETRY);
    store_session_done(&session);
    assert_false(world_exists(world, "file"));
    session = world_row(world, world_id(1));
    assert_int_equal(
        world_end(world, &session,
                  (struct store_ending){.by = BITS_CLOSE_SESSION,
                                        .cause = BITS_STAGED_FILE_MISSING}),
        BITS_OK);
    store_session_done(&session);
}

static void a_part_is_never_delivered(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    leave_staged(world, path, sizeof(path));
    assert_int_equal(truncate(path, 5000), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL), BITS_IO_ERROR);
    assert_int_equal(session.state, STORE_RECEIVING);
    assert_false(world_exists(world, "file"));
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RECEIVING);
    store_session_done(&session);
}

/* A session of 10 000 bytes that were all stored; its file is open. */
static struct store_file *stored_file(struct world *world,
                                      struct store_session *session)
{
    struct store_file *file = world_begin(world, session, 10000);

    assert_int_equal(world_store(world, file, 0, 10000, STORE_SETTLE_FINISH),
                     BITS_OK);
    return file;
}

/* Nobody knows what else was done to a file that somebody cut. */
static void a_part_of_an_open_file_is_never_delivered(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = stored_file(world, &session);
    char path[256];

    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(truncate(path, 5000), 0);
    assert_int_equal(world_finish(world, &session, file), BITS_IO_ERROR);
    assert_int_equal(world->op.stored, 0);
    assert_int_equal(session.state, STORE_RECEIVING);
    assert_false(world_exists(world, "file"));
    world->ops->file_close(file);
    store_session_done(&session);
}

static void an_open_file_that_was_removed_is_reported(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = stored_file(world, &session);
    char path[256];

    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(world_finish(world, &session, file),
                     BITS_STAGED_FILE_MISSING);
    assert_int_equal(session.state, STORE_RETRY);
    assert_false(world_exists(world, "file"));
    world->ops->file_close(file);
    store_session_done(&session);
}

#define MIB (1 << 20)

/* A session of 3 MiB, in the middle of its fragment, 1 MiB of which is there,
 * and somebody cuts that. */
static struct store_file *cut_under_way(struct world *world,
                                        struct store_session *session)
{
    char *bytes = calloc(1, MIB);
    struct store_file *file = world_begin(world, session, (uint64_t)3 * MIB);
    uint64_t stored;
    char path[256];

    assert_non_null(bytes);
    assert_int_equal(world->ops->begin(file, 0, session->total, world->detail),
                     BITS_OK);
    assert_int_equal(world->ops->append(file, world_bytes(bytes, MIB), &stored,
                                        world->detail),
                     BITS_OK);
    free(bytes);
    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(truncate(path, 2), 0);
    return file;
}

/* Else what comes next would stand behind a hole, and the file would be as long
 * as it should. */
static void assert_given_up(struct world *world, struct store_session *session,
                            struct store_file *file)
{
    uint64_t stored;

    world->ops->file_close(file);
    world_reopen(world); /* waits until they are given up */
    store_session_done(session);
    *session = world_row(world, world_id(1));
    file = world_file(world, session, &stored);
    assert_int_equal(stored, 0);
    world->ops->file_close(file);
    store_session_done(session);
}

static void bytes_that_are_cut_away_are_noticed_by_the_next_write(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = cut_under_way(world, &session);
    uint64_t stored;

    assert_int_equal(
        world->ops->append(file, world_bytes("def", 3), &stored, world->detail),
        BITS_IO_ERROR);
    assert_int_equal(stored, 0);
    world->ops->settle(file, STORE_SETTLE_SYNC);
    assert_given_up(world, &session, file);
}

static void bytes_that_are_cut_away_are_noticed_by_who_takes_over(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = cut_under_way(world, &session);

    world->ops->settle(file, STORE_SETTLE_SYNC);
    assert_int_equal(
        world->ops->begin(file, MIB, (uint64_t)2 * MIB, world->detail),
        BITS_IO_ERROR);
    assert_given_up(world, &session, file);
}

static void what_lies_behind_the_last_byte_is_cut_off(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    leave_staged(world, path, sizeof(path));
    assert_int_equal(truncate(path, 20000), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL), BITS_OK);
    world_assert_file(world, "file", 10000);
    store_session_done(&session);
}

static void a_missing_staging_folder_is_no_missing_destination(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    leave_staged(world, path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL),
                     BITS_STAGED_FILE_MISSING);
    assert_int_equal(session.state, STORE_RETRY);
    store_session_done(&session);
}

int main(void)
{
#define BOTH(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown),        \
        cmocka_unit_test_setup_teardown(name, world_setup_not_durable,         \
                                        world_teardown)
    const struct CMUnitTest tests[] = {
        BOTH(a_missing_staged_file_is_reported),
        BOTH(a_part_is_never_delivered),
        BOTH(a_part_of_an_open_file_is_never_delivered),
        BOTH(an_open_file_that_was_removed_is_reported),
        BOTH(bytes_that_are_cut_away_are_noticed_by_the_next_write),
        BOTH(bytes_that_are_cut_away_are_noticed_by_who_takes_over),
        BOTH(what_lies_behind_the_last_byte_is_cut_off),
        BOTH(a_missing_staging_folder_is_no_missing_destination),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
