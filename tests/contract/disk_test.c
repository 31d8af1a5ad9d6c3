/*
 * tests/contract/disk_test.c: bytes of unfinished uploads on the disks of the
 * local store.
 */
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/local/tail.h"

#define MIB ((uint64_t)1024 * 1024)

static void bytes_behind_a_hole_do_not_count(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 4 * MIB);
    char path[256];
    int fd;

    world_append_until(world, &session, 0, 8192);
    world_staged_path(world, world_id(1), path, sizeof(path));
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "junk", 4, 2 * (off_t)MIB), 4);
    (void)close(fd);
    world_append_until(world, &session, 8192, 4 * MIB);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 4 * MIB);
    store_session_done(&session);
}

static void a_settled_fragment_holds_no_spare_space(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 200 * MIB);
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);
    char path[256];
    struct stat info;

    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(world_begin_at(world, file, 0, 200 * MIB), BITS_CAUSE_OK);
    assert_int_equal(world_append(world, file, world_bytes("abc", 3), &stored),
                     BITS_CAUSE_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 3);
    assert_true((uint64_t)info.st_blocks * 512 <= 65 * MIB);
    world->ops->settle(file);
    world->ops->file_close(file);
    world_reopen(world); /* delayed allocation has ended */
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 3);
    assert_true((uint64_t)info.st_blocks * 512 <= MIB);
    store_session_done(&session);
}

static void synced_bytes_are_noted_in_the_row(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 100000);

    world_append_until(world, &session, 0, 7777);
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->synced, 7777);
    store_session_done(&session);
}

static void without_durability_a_file_is_synced_when_it_is_closed(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.durability = STORE_DURABLE_NONE;
    world->ops->place_reconfigure(world->place, &world->section);
    session = world_session(world, world_id(1), "file", 9000);
    world_append_until(world, &session, 0, 7777);
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->synced, 7777);
    world_append_until(world, &session, 7777, 9000);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 9000);
    store_session_done(&session);
}

static void lost_bytes_are_given_up_and_the_upload_starts_over(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 20000);
    struct store_file *file = NULL;
    uint64_t stored = 1;
    char path[256];

    world_append_until(world, &session, 0, 10000);
    store_session_done(&session);
    world_reopen(world); /* 10000 bytes are durable now */
    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(truncate(path, 5000), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(world_file_open(world, &session, &file, &stored),
                     BITS_CAUSE_IO_ERROR);
    store_session_done(&session);
    world_reopen(world);
    assert_int_equal(world->troubles, 1);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->synced, 0);
    assert_int_equal(local_tail(&session)->epoch, 1);
    world_append_until(world, &session, 0, 20000);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 20000);
    store_session_done(&session);
}

static void a_refusal_says_how_much_does_not_fit_where(void **state)
{
    struct world *world = *state;

    world_assert_too_large(world);
    assert_non_null(
        strstr(world->fault.text, "4611686018427387903 more bytes"));
    assert_non_null(strstr(world->fault.text, world->root));
}

static void free_space_that_must_stay_is_not_used(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 10);
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    world->own.min_free_space.bytes = UINT64_MAX / 2;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_begin_at(world, file, 0, 10), CAUSE_WILL_NOT_FIT);
    /* The smaller half counts. */
    world->own.min_free_space.percent = 0;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_begin_at(world, file, 0, 10), BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void set_age(struct world *world, struct bits_guid id, int64_t seconds)
{
    struct timespec times[2] = {{.tv_sec = world->wall - seconds},
                                {.tv_sec = world->wall - seconds}};
    char path[256];

    world_staged_path(world, id, path, sizeof(path));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void make_orphan(struct world *world, struct bits_guid id)
{
    char path[256];
    int fd;

    world_staged_path(world, id, path, sizeof(path));
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void only_old_files_without_a_session_are_swept(void **state)
{
    struct world *world = *state;
    const int64_t age = 14 * 24 * 3600 * 9 / 8;
    struct store_session session =
        world_session(world, world_id(0x111), "file", 1000);
    struct bits_guid old = world_id(0x211);
    struct bits_guid young = world_id(0x311);
    struct bits_guid elsewhere = world_id(0x12);

    world_append_until(world, &session, 0, 10);
    store_session_done(&session);
    world_reopen(world);
    make_orphan(world, old);
    make_orphan(world, young);
    make_orphan(world, elsewhere);
    world_pass(world, 3 * 3600);
    set_age(world, world_id(0x111), age);
    set_age(world, old, age);
    set_age(world, young, age - 1);
    set_age(world, elsewhere, age);
    assert_int_equal(world_count_staged(world), 4);
    assert_int_equal(world_sweep(world), BITS_CAUSE_OK);
    assert_int_equal(world_count_staged(world), 2);
    session = world_row(world, world_id(0x111));
    world_append_until(world, &session, 10, 20);
    store_session_done(&session);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(bytes_behind_a_hole_do_not_count),
        TEST(a_settled_fragment_holds_no_spare_space),
        TEST(synced_bytes_are_noted_in_the_row),
        TEST(without_durability_a_file_is_synced_when_it_is_closed),
        TEST(lost_bytes_are_given_up_and_the_upload_starts_over),
        TEST(a_refusal_says_how_much_does_not_fit_where),
        TEST(free_space_that_must_stay_is_not_used),
        TEST(only_old_files_without_a_session_are_swept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
