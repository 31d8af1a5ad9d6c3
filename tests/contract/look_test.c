/*
 * tests/contract/look_test.c: what every store promises of look(): delivered
 * files, and nothing else, are found where an upload could go.
 */
#include "world.h"

/* -1: no file. */
static void assert_seen(struct world *world, const char *name, int64_t size)
{
    uint64_t found_size = 77;
    bool found = true;

    assert_int_equal(world_look(world, name, &found, &found_size),
                     BITS_CAUSE_OK);
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

    assert_seen(world, "file", -1);
    world_mkdir(world, "sub");
    world_write(world, "empty", "");
    world->ops->file_close(world_begin(world, &session, 100));
    store_session_done(&session);
    assert_seen(world, "file", -1);
    assert_int_equal(world_upload(world, world_id(2), "sub/file", 5000),
                     BITS_CAUSE_OK);
    assert_seen(world, "sub/file", 5000);
    assert_seen(world, "empty", 0);
    assert_seen(world, "sub", -1);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(look_finds_delivered_files_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
