/*
 * tests/contract/reopen_test.c: how many bytes there are when a session's file
 * was closed, or replaced, or when its write-back failed.
 */
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>
#include <uv.h>

#include "os/instance.h"
#include "store/local/tail.h"

#define MIB ((uint64_t)1024 * 1024)

static int setup(void **state)
{
    struct world *world = world_new(NULL);

    world->workers = 4;
    world_open(world);
    *state = world;
    return 0;
}

static void skip_without_instance(struct world *world)
{
    char text[OS_INSTANCE_SIZE];
    int fd = open(world->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool told = os_instance(fd, text);

    (void)close(fd);
    if (!told) {
        skip();
    }
}

static struct store_file *
reopen(struct world *world, struct store_session *session, uint64_t *ret_stored)
{
    store_session_done(session);
    *session = world_row(world, world_id(1));
    return world_file(world, session, ret_stored);
}

static int open_staged(struct world *world)
{
    char path[256];
    int fd;

    world_staged_path(world, world_id(1), path, sizeof(path));
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void append_foreign_bytes(struct world *world)
{
    int fd = open_staged(world);

    assert_true(lseek(fd, 0, SEEK_END) >= 0);
    assert_int_equal(write(fd, "more", 4), 4);
    (void)close(fd);
}

static void make_hole(struct world *world, off_t from, off_t to)
{
    int fd = open_staged(world);

    assert_int_equal(fsync(fd), 0);
    assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                               from, to - from),
                     0);
    assert_int_equal(lseek(fd, 0, SEEK_HOLE), from);
    (void)close(fd);
}

static void waits_for_fdatasync_before_it_closes_a_file(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct rule *syncs = inject("sync data note");
    struct store_file *file =
        world_begin_stored(world, &session, 2 * MIB, MIB, WORLD_COMPLETE);
    uint64_t stored;

    assert_int_equal(rule_hits(syncs), 0);
    world->ops->file_close(file);
    world_reopen(world);
    assert_int_equal(rule_hits(syncs), 1);
    file = reopen(world, &session, &stored);
    assert_int_equal(local_tail(&session)->synced, MIB);
    assert_int_equal(stored, MIB);
    world->ops->file_close(file);
    store_session_done(&session);
}

/* It cannot tell what a file of another process has lost from zeros. */
static void counts_zeros_that_are_stored_as_holes(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file =
        world_begin_stored(world, &session, 3 * MIB, 2 * MIB, WORLD_SETTLE);
    uint64_t stored;

    make_hole(world, MIB, MIB + MIB / 2);
    world->ops->file_close(file);
    file = reopen(world, &session, &stored);
    assert_int_equal(stored, 2 * MIB);
    world->ops->file_close(file);
    world_reopen(world);
    file = reopen(world, &session, &stored);
    assert_int_equal(stored, 2 * MIB);
    assert_int_equal(world_store(world, file, 2 * MIB, 3 * MIB, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
}

/* A write-back that failed after the process died leaves a hole, and a file of
 * the full length. */
static void counts_up_to_a_hole_behind_what_was_synced(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;
    int fd;

    skip_without_instance(world);
    file = world_begin_stored(world, &session, 4 * MIB, MIB, WORLD_SETTLE);
    world->ops->file_close(file);
    world_close(world);
    fd = open_staged(world);
    for (uint64_t at = MIB; at < 3 * MIB; at += 4096) {
        char page[4096] = "kept";

        assert_int_equal(pwrite(fd, page, sizeof(page), (off_t)at), 4096);
    }
    (void)close(fd);
    make_hole(world, 2 * MIB, 3 * MIB);
    world_open(world);
    file = reopen(world, &session, &stored);
    assert_int_equal(stored, 2 * MIB);
    world->ops->file_close(file);
    /* Again with a row that was loaded before. */
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 2 * MIB);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void replace_staged_file(struct world *world)
{
    char path[256];
    char other[300];
    int fd;

    world_staged_path(world, world_id(1), path, sizeof(path));
    (void)snprintf(other, sizeof(other), "%s/other", world->root);
    fd = open(other, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (unsigned i = 0; i < 256; i++) {
        char page[4096] = "another file";

        assert_int_equal(write(fd, page, sizeof(page)), 4096);
    }
    assert_int_equal(fsync(fd), 0);
    (void)close(fd);
    assert_int_equal(rename(other, path), 0);
}

/* Asks until what was wrong is given up. */
static struct store_file *file_at_last(struct world *world,
                                       struct store_session *session,
                                       uint64_t *ret_stored)
{
    struct store_file *file = NULL;

    do {
        store_session_done(session);
        *session = world_row(world, world_id(1));
    } while (world_file_open(world, session, &file, ret_stored) !=
             BITS_CAUSE_OK);
    return file;
}

static struct store_file *begin_whole(struct world *world,
                                      struct store_session *session)
{
    return world_begin_stored(world, session, MIB, MIB, WORLD_COMPLETE);
}

/* After the loss of all bytes. */
static void upload_again(struct world *world, struct store_session *session)
{
    uint64_t stored;
    struct store_file *file = file_at_last(world, session, &stored);

    assert_int_equal(stored, 0);
    /* A worker tells it, perhaps after the file can be used again. */
    world_wait_troubles(world, 1);
    world_deliver(world, session, file, 0);
}

static void another_file_under_the_name_counts_as_nothing(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;

    skip_without_instance(world);
    file = world_begin_stored(world, &session, MIB, MIB / 2, WORLD_SETTLE);
    world->ops->file_close(file);
    world_close(world);
    replace_staged_file(world);
    world_open(world);
    upload_again(world, &session);
    store_session_done(&session);
}

/* The rename would move what has the name. */
static void another_file_under_the_name_is_not_delivered(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;

    skip_without_instance(world);
    file = begin_whole(world, &session);
    replace_staged_file(world);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 0);
    assert_int_equal(session.state, STORE_RECEIVING);
    world->ops->file_close(file);
    assert_false(world_exists(world, "file"));
    upload_again(world, &session);
    store_session_done(&session);
}

/* find() alone must not make a session forget which file is its own: its row
 * does not say so yet. */
static void find_alone_does_not_accept_another_file(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_session other;
    struct store_file *file;
    uint64_t stored;

    skip_without_instance(world);
    file = begin_whole(world, &session);
    replace_staged_file(world);
    other = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    world->ops->file_close(file);
    file = file_at_last(world, &session, &stored);
    assert_int_equal(stored, 0);
    world->ops->file_close(file);
    store_session_done(&session);
    store_session_done(&other);
}

/* The same, if it is opened before anything was given up. */
static void another_file_is_not_counted_beside_the_first(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_session other;
    struct store_file *file;
    struct store_file *next;
    uint64_t stored;

    skip_without_instance(world);
    file = world_begin(world, &session, MIB);
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    other = world_row(world, world_id(1));
    assert_int_equal(world_store(world, file, 0, MIB, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    replace_staged_file(world);
    next = file_at_last(world, &other, &stored);
    assert_int_equal(stored, 0);
    world->ops->file_close(next);
    world->ops->file_close(file);
    store_session_done(&session);
    store_session_done(&other);
}

/* A handle of the old file that is still open may be given up once more. */
static void a_replaced_file_takes_nothing_from_the_next_one(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_session old;
    struct store_file *late;
    struct store_file *file;
    uint64_t stored;

    skip_without_instance(world);
    late = begin_whole(world, &old);
    replace_staged_file(world);
    assert_int_equal(world_finish(world, &old, late), BITS_CAUSE_IO_ERROR);
    session = world_row(world, world_id(1));
    file = file_at_last(world, &session, &stored);
    assert_int_equal(world_store(world, file, 0, MIB / 2, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    assert_int_equal(world_finish(world, &old, late), BITS_CAUSE_IO_ERROR);
    world->ops->file_close(late);
    world_deliver(world, &session, file, MIB / 2);
    store_session_done(&session);
    store_session_done(&old);
}

/* Another handle has the file open when the delivery wants it. */
static void a_file_that_could_not_be_measured_stays_usable(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_session other;
    struct store_file *file;
    uint64_t stored;

    skip_without_instance(world);
    file = begin_whole(world, &session);
    world->ops->file_close(file);
    store_session_done(&session);
    world_close(world);
    append_foreign_bytes(world);
    world_open(world);
    session = world_row(world, world_id(1));
    inject("seek data once fail EIO");
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_IO_ERROR);
    other = world_row(world, world_id(1));
    file = world_file(world, &other, &stored);
    assert_int_equal(stored, MIB);
    world->ops->file_close(file);
    store_session_done(&other);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    store_session_done(&session);
    world_assert_file(world, "file", MIB);
}

static void a_failed_write_back_costs_what_was_not_synced(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file =
        world_begin_stored(world, &session, 4 * MIB, 2 * MIB + 5, WORLD_SETTLE);
    uint64_t stored;

    world->ops->file_close(file);
    world_reopen(world);
    file = reopen(world, &session, &stored);
    assert_int_equal(local_tail(&session)->synced, 2 * MIB + 5);
    inject("sync data once fail EIO");
    assert_int_equal(world_store(world, file, stored, 3 * MIB, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world_wait_troubles(world, 1);
    world->ops->file_close(file);
    file = file_at_last(world, &session, &stored);
    /* The block in which the synced bytes end was written again. */
    assert_int_equal(stored, 2 * MIB);
    assert_int_equal(local_tail(&session)->synced, 2 * MIB);
    world_deliver(world, &session, file, stored);
    store_session_done(&session);
}

static void change_index(struct world *world, const char *sql)
{
    char path[256];
    sqlite3 *handle;

    (void)snprintf(path, sizeof(path), "%s/index.db", world->state);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void forget_instances(struct world *world)
{
    change_index(world, "UPDATE instance SET identity = 'another'");
}

/* A session whose file was named in its row, and is gone. */
static void lose_file(struct world *world)
{
    struct store_session session;
    struct store_file *file =
        world_begin_stored(world, &session, MIB, MIB / 2, WORLD_SETTLE);
    char path[256];

    world->ops->file_close(file);
    store_session_done(&session);
    world_close(world);
    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(unlink(path), 0);
}

/* Its successor has another inode, and may be killed before its row says so. */
static void a_power_cut_that_takes_a_file_takes_its_name(void **state)
{
    struct world *world = *state;
    struct store_session session;

    skip_without_instance(world);
    lose_file(world);
    forget_instances(world);
    world_open(world);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->staged_inode, 0);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->staged_inode, 0);
    store_session_done(&session);
}

static void a_removed_file_takes_its_name(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    skip_without_instance(world);
    lose_file(world);
    change_index(world, "UPDATE session SET synced = 0");
    world_open(world);
    session = world_row(world, world_id(1));
    assert_int_not_equal(local_tail(&session)->staged_inode, 0);
    assert_int_equal(world_file_open(world, &session, &file, &stored),
                     CAUSE_STAGED_FILE_LOST);
    file = file_at_last(world, &session, &stored);
    assert_int_equal(stored, 0);
    assert_int_equal(local_tail(&session)->staged_inode, 0);
    world->ops->file_close(file);
    store_session_done(&session);
}

/* It was told that all of it is there. */
static void a_failed_delivery_keeps_its_bytes_over_an_unmount(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = world_begin_all(world, &session, MIB);

    inject("rename once fail EACCES");
    assert_int_not_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    assert_int_equal(world->op.stored, MIB);
    world->ops->file_close(file);
    store_session_done(&session);
    world_close(world);
    forget_instances(world);
    world_open(world);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RETRY);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", MIB);
    store_session_done(&session);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(waits_for_fdatasync_before_it_closes_a_file),
        TEST(counts_zeros_that_are_stored_as_holes),
        TEST(counts_up_to_a_hole_behind_what_was_synced),
        TEST(another_file_under_the_name_counts_as_nothing),
        TEST(another_file_under_the_name_is_not_delivered),
        TEST(find_alone_does_not_accept_another_file),
        TEST(another_file_is_not_counted_beside_the_first),
        TEST(a_replaced_file_takes_nothing_from_the_next_one),
        TEST(a_file_that_could_not_be_measured_stays_usable),
        TEST(a_failed_write_back_costs_what_was_not_synced),
        TEST(a_power_cut_that_takes_a_file_takes_its_name),
        TEST(a_removed_file_takes_its_name),
        TEST(a_failed_delivery_keeps_its_bytes_over_an_unmount),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
