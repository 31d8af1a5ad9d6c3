/*
 * tests/contract/look_test.c: what every store promises of look(): delivered
 * files, and nothing else, are found where an upload could go.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum bits_cause look(struct world *world, const char *name,
                            bool *ret_found, uint64_t *ret_size)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->look(world->place, name, ret_found,
                                         ret_size, &call.op));
    return world_call_wait(world, &call);
}

/* -1: no file. */
static void assert_seen(struct world *world, const char *name, int64_t size)
{
    uint64_t found_size = 77;
    bool found = true;

    assert_int_equal(look(world, name, &found, &found_size), BITS_CAUSE_OK);
    assert_int_equal(found, size >= 0);
    if (size >= 0) {
        assert_int_equal(found_size, size);
    }
}

/* D-54 */
static void look_finds_delivered_files_only(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    world->own.create_folders = true;
    world->own.create_folders_depth = 8;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_seen(world, "file", -1);
    world_mkdir(world, "sub");
    world_write(world, "empty", "");
    (void)snprintf(path, sizeof(path), "%s/link", world->root);
    assert_int_equal(symlink("empty", path), 0);
    (void)snprintf(path, sizeof(path), "%s/pipe", world->root);
    assert_int_equal(mkfifo(path, 0600), 0);
    world->ops->file_close(world_begin(world, &session, 100));
    store_session_done(&session);
    assert_seen(world, "file", -1);
    assert_int_equal(world_upload(world, world_id(2), "sub/file", 5000),
                     BITS_CAUSE_OK);
    assert_seen(world, "sub/file", 5000);
    assert_seen(world, "empty", 0);
    assert_seen(world, "link", -1);
    assert_seen(world, "pipe", -1);
    assert_seen(world, "sub", -1);
    assert_seen(world, "missing/file", -1);
    assert_seen(world, "a/b/c/d/e/f/g/h/i/j/k", -1);
}

static void look_goes_where_an_upload_may_go(void **state)
{
    static const struct {
        const char *name;
        enum bits_cause cause;
    } rows[] = {
        {".bitsd/index-id", CAUSE_TARGET_RESERVED},
        {".BITSD/index-id", CAUSE_TARGET_RESERVED},
        {".bitsd", CAUSE_TARGET_RESERVED},
        {"link/file", CAUSE_TARGET_LINK},
        {"file/below", CAUSE_FOLDER_IS_FILE},
    };
    struct world *world = *state;
    char path[256];

    world_write(world, "file", "file");
    world_mkdir(world, "sub");
    world_write(world, "sub/file", "file");
    (void)snprintf(path, sizeof(path), "%s/link", world->root);
    assert_int_equal(symlink("sub", path), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool found = true;
        uint64_t size;

        assert_int_equal(look(world, rows[i].name, &found, &size),
                         rows[i].cause);
        assert_false(found);
        assert_int_not_equal(world->op.detail[0], '\0');
    }
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(look_finds_delivered_files_only),
        TEST(look_goes_where_an_upload_may_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
