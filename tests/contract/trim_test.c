/*
 * tests/contract/trim_test.c: space that a killed server has reserved.
 */
#include "world.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#define DAY ((int64_t)24 * 3600)
#define RESERVED ((off_t)1024 * 1024)

/* A worker that is alone does one thing after the other. */
static int setup(void **state)
{
    struct world *world = world_new(NULL);

    world->workers = 1;
    world_open(world);
    *state = world;
    return 0;
}

/* As a kill leaves the file; skips the test where space cannot be reserved. */
static void reserve(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVED) != 0) {
        (void)close(fd);
        skip();
    }
    (void)close(fd);
}

static off_t disk_space(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return (off_t)info.st_blocks * 512;
}

/* Sections with one root share its staging folder. */
static struct store_place *open_place(struct world *world, char *prefix,
                                      char *root)
{
    world->section.prefix = prefix;
    world->own.root = root;
    (void)snprintf(world->staging, sizeof(world->staging), "%s/.bitsd", root);
    assert_int_equal(world_place_open(world), BITS_CAUSE_OK);
    return world->place;
}

/* --- a worker that is busy ----------------------------------------------- */

struct removal {
    struct store_session session;
    struct world_call call;
    struct rule *gate;
};

/* Until the unlink of session 1 is let go. */
static void hold_the_worker(struct world *world, struct removal *removal)
{
    const struct store_ending ending = {.by = BITS_PACKET_CANCEL_SESSION};

    world_start_upload(world, world_id(1), 10);
    removal->session = world_row(world, world_id(1));
    world_call_begin(&removal->call);
    removal->gate = inject("unlink data once hold");
    world->ops->end(world->place, &removal->session, &ending,
                    &removal->call.op);
    rule_wait_held(removal->gate, 1);
}

static void let_the_worker_go(struct world *world, struct removal *removal)
{
    rule_end(removal->gate);
    assert_int_equal(world_call_wait(world, &removal->call), BITS_CAUSE_OK);
    store_session_done(&removal->session);
}

/* --- a place that is closed ---------------------------------------------- */

struct closing {
    struct world *world;
    struct store_place *place;
    uv_thread_t thread;
};

static void close_place(void *argument)
{
    struct closing *closing = argument;

    closing->world->ops->place_close(closing->place);
}

/* Begins to close the place of session 2, whose time is over.  The place has
 * begun once find() sees no place that says so. */
static void begin_close(struct closing *closing)
{
    struct store_session session;

    assert_int_equal(world_find(closing->world, world_id(2), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(uv_thread_create(&closing->thread, close_place, closing),
                     0);
    while (world_find(closing->world, world_id(2), &session) != BITS_CAUSE_OK) {
        uv_sleep(1);
    }
    store_session_done(&session);
}

static void a_section_that_is_closed_leaves_the_rest_to_another(void **state)
{
    static char busy_prefix[] = "/busy";
    static char first_prefix[] = "/";
    static char other_prefix[] = "/other";
    struct world *world = *state;
    struct closing closing = {.world = world};
    struct store_place *other;
    struct store_place *busy;
    struct removal removal;
    char busy_root[96];
    char path[256];

    world_start_upload(world, world_id(2), 10);
    world_close(world);
    world_staged_path(world, world_id(2), path, sizeof(path));
    reserve(path);
    (void)snprintf(busy_root, sizeof(busy_root), "%s/busy", world->folder);
    assert_int_equal(mkdir(busy_root, 0755), 0);
    world->store = world_store_open(world, &world->fault);
    assert_non_null(world->store);
    busy = open_place(world, busy_prefix, busy_root);
    hold_the_worker(world, &removal);
    closing.place = open_place(world, first_prefix, world->root);
    other = open_place(world, other_prefix, world->root);
    world_pass(world, 20 * DAY);
    begin_close(&closing);
    assert_true(disk_space(path) >= RESERVED);
    let_the_worker_go(world, &removal);
    assert_int_equal(uv_thread_join(&closing.thread), 0);
    while (world->ops->place_is_busy(other)) {
        uv_sleep(1);
    }
    assert_true(disk_space(path) < RESERVED);
    world->ops->place_close(other);
    world->place = busy;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_section_that_is_closed_leaves_the_rest_to_another, setup,
            world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
