/*
 * tests/contract/staged_test.c: staged files that another program removed or
 * cut, and their deliveries.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of 10 000 bytes that could not be delivered, but could now. */
static void leave_staged(struct world *world, char *path, size_t size)
{
    world_write(world, "file", "old");
    assert_int_equal(world_upload(world, world_id(1), "file", 10000),
                     CAUSE_FILE_EXISTS);
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
                     BITS_CAUSE_STAGED_FILE_MISSING);
    assert_int_equal(session.state, STORE_RETRY);
    store_session_done(&session);
    assert_false(world_exists(world, "file"));
    session = world_row(world, world_id(1));
    assert_int_equal(
        world_end(world, &session,
                  (struct store_ending){.by = BITS_PACKET_CLOSE_SESSION,
                                        .outcome = cause_outcome(
                                            BITS_CAUSE_STAGED_FILE_MISSING)}),
        BITS_CAUSE_OK);
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
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_IO_ERROR);
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
    struct store_file *file = world_begin_all(world, session, 10000);

    return file;
}

/* A file that was cut may have been changed elsewhere, too. */
static void a_part_of_an_open_file_is_never_delivered(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = stored_file(world, &session);
    char path[256];

    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(truncate(path, 5000), 0);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
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
                     BITS_CAUSE_STAGED_FILE_MISSING);
    assert_int_equal(session.state, STORE_RETRY);
    assert_false(world_exists(world, "file"));
    world->ops->file_close(file);
    store_session_done(&session);
}

#define MIB (1 << 20)

/* A session of 3 MiB, in the middle of its fragment, 1 MiB of which is there,
 * and is cut off. */
static struct store_file *cut_under_way(struct world *world,
                                        struct store_session *session)
{
    char *bytes = calloc(1, MIB);
    struct store_file *file = world_begin(world, session, (uint64_t)3 * MIB);
    uint64_t stored;
    char path[256];

    assert_non_null(bytes);
    assert_int_equal(world_begin_at(world, file, 0, session->total),
                     BITS_CAUSE_OK);
    assert_int_equal(
        world_append(world, file, world_bytes(bytes, MIB), &stored),
        BITS_CAUSE_OK);
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

    assert_int_equal(world_append(world, file, world_bytes("def", 3), &stored),
                     BITS_CAUSE_IO_ERROR);
    assert_int_equal(stored, 0);
    world->ops->settle(file);
    assert_given_up(world, &session, file);
}

static void bytes_that_are_cut_away_are_noticed_by_who_takes_over(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = cut_under_way(world, &session);

    world->ops->settle(file);
    assert_int_equal(world_begin_at(world, file, MIB, (uint64_t)2 * MIB),
                     BITS_CAUSE_IO_ERROR);
    assert_given_up(world, &session, file);
}

static void bytes_behind_the_last_byte_are_cut_off(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    leave_staged(world, path, sizeof(path));
    assert_int_equal(truncate(path, 20000), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 10000);
    store_session_done(&session);
}

static void a_missing_staging_folder_is_not_a_missing_destination(void **state)
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
                     BITS_CAUSE_STAGED_FILE_MISSING);
    assert_int_equal(session.state, STORE_RETRY);
    store_session_done(&session);
}

/* A delivery that a crash cut off behind the rename. */
static void cut_off_delivery(struct world *world)
{
    inject("sync elsewhere once fail EIO");
    assert_int_equal(world_upload(world, world_id(1), "file", 10000),
                     BITS_CAUSE_IO_ERROR);
    world_close(world);
}

/* The next process is asked for its end. */
static void finish_delivery(struct world *world, unsigned warnings)
{
    struct store_session session;

    world_open(world);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DELIVERING);
    world->warnings = 0;
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    assert_int_equal(session.state, STORE_DONE);
    assert_int_equal(world->warnings, warnings);
    store_session_done(&session);
}

/* One that a crash cut off before the rename. */
static void undo_rename(struct world *world)
{
    char delivered[300];
    char staged[256];

    (void)snprintf(delivered, sizeof(delivered), "%s/file", world->root);
    world_staged_path(world, world_id(1), staged, sizeof(staged));
    assert_int_equal(rename(delivered, staged), 0);
}

/* Whether the file is still staged is not known then. */
static void a_cut_off_delivery_is_not_done_while_the_disk_fails(void **state)
{
    struct world *world = *state;
    struct store_session session;

    cut_off_delivery(world);
    undo_rename(world);
    world_open(world);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DELIVERING);
    inject("fstatat data once fail EIO");
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_IO_ERROR);
    assert_int_equal(session.state, STORE_DELIVERING);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DELIVERING);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    store_session_done(&session);
    world_assert_file(world, "file", 10000);
}

static void a_moved_file_is_not_missing_after_a_disk_failed(void **state)
{
    struct world *world = *state;
    struct store_session session;

    cut_off_delivery(world);
    world_open(world);
    session = world_row(world, world_id(1));
    inject("fstatat data once fail EIO");
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    assert_int_equal(session.state, STORE_DONE);
    store_session_done(&session);
    world_assert_file(world, "file", 10000);
}

static void a_cut_off_delivery_whose_file_is_there_is_done(void **state)
{
    struct world *world = *state;

    cut_off_delivery(world);
    finish_delivery(world, 0);
    world_assert_file(world, "file", 10000);
}

static void a_cut_off_delivery_whose_file_is_gone_is_told(void **state)
{
    struct world *world = *state;

    cut_off_delivery(world);
    world_remove(world, "file");
    finish_delivery(world, 1);
}

static void a_cut_off_delivery_whose_file_is_another_is_told(void **state)
{
    struct world *world = *state;
    char other[300];
    char path[300];

    cut_off_delivery(world);
    /* Made while the delivered one is there, so that its inode differs. */
    world_write(world, "other", "another file");
    (void)snprintf(other, sizeof(other), "%s/other", world->root);
    (void)snprintf(path, sizeof(path), "%s/file", world->root);
    assert_int_equal(rename(other, path), 0);
    finish_delivery(world, 1);
    world_assert_text(world, "file", "another file");
}

int main(void)
{
#define BOTH(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown),        \
        cmocka_unit_test_setup_teardown(name, world_setup_not_durable,         \
                                        world_teardown)
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        BOTH(a_missing_staged_file_is_reported),
        BOTH(a_part_is_never_delivered),
        BOTH(a_part_of_an_open_file_is_never_delivered),
        BOTH(an_open_file_that_was_removed_is_reported),
        BOTH(bytes_that_are_cut_away_are_noticed_by_the_next_write),
        BOTH(bytes_that_are_cut_away_are_noticed_by_who_takes_over),
        BOTH(bytes_behind_the_last_byte_are_cut_off),
        BOTH(a_missing_staging_folder_is_not_a_missing_destination),
        TEST(a_cut_off_delivery_is_not_done_while_the_disk_fails),
        TEST(a_moved_file_is_not_missing_after_a_disk_failed),
        TEST(a_cut_off_delivery_whose_file_is_there_is_done),
        TEST(a_cut_off_delivery_whose_file_is_gone_is_told),
        TEST(a_cut_off_delivery_whose_file_is_another_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
