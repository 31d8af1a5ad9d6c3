/*
 * tests/contract/place_test.c: places that come and go in the local store.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include <openbits/target.h>

static void
a_folder_is_no_longer_forbidden_once_its_section_is_gone(void **state)
{
    static const char *const files[] = {"temp/staging.lock", "temp/index-id",
                                        "temp/staging-id"};
    struct world *world = *state;
    struct store_place *first = world->place;
    struct store_place *second;
    char prefix[] = "/other";
    char from[256];
    char to[256];

    world->section.prefix = prefix;
    (void)snprintf(world->staging, sizeof(world->staging), "%s/temp",
                   world->root);
    assert_int_equal(world_place_open(world), BITS_CAUSE_OK);
    second = world->place;
    world->place = first;
    assert_int_equal(world_check_name(world, first, "temp/a"),
                     CAUSE_TARGET_RESERVED);
    world->ops->place_close(second);
    /* Still a staging folder. */
    assert_int_equal(world_check_name(world, first, "temp/a"),
                     CAUSE_TARGET_RESERVED);
    /* The same device and inode as before, for something else. */
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (world_exists(world, files[i])) {
            world_remove(world, files[i]);
        }
    }
    (void)snprintf(from, sizeof(from), "%s/temp", world->root);
    (void)snprintf(to, sizeof(to), "%s/new", world->root);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(world_check_name(world, first, "new/a"), BITS_CAUSE_OK);
}

/* As a kill leaves it; it must not stand for a name that was tried. */
static void the_first_trial_of_a_killed_process_is_removed(void **state)
{
    struct world *world = *state;
    char name[BITS_SEGMENT_MAX + 1];
    char path[BITS_SEGMENT_MAX + 32];

    memset(name, 'x', sizeof(name));
    memcpy(name, "probe-<>:\"|?*\xc3\xff", 15);
    name[BITS_SEGMENT_MAX - 1] = '.';
    name[BITS_SEGMENT_MAX] = '\0';
    (void)snprintf(path, sizeof(path), ".bitsd/%s", name);
    world_write(world, path, "");
    world_reopen(world);
    assert_false(world_exists(world, path));
}

/* So that a test that fails with a file open ends. */
static void teardown_does_not_wait_for_an_open_file(void **state)
{
    struct world *world = world_new(NULL);
    void *own = world;
    struct store_session session;
    struct store_file *file;

    (void)state;
    world_open(world);
    file = world_begin(world, &session, 10);
    world->patience_ms = 10;
    assert_int_equal(world_teardown(&own), -1);
    world->patience_ms = WORLD_PATIENCE_MS;
    world->ops->file_close(file);
    store_session_done(&session);
    assert_int_equal(world_teardown(&own), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_folder_is_no_longer_forbidden_once_its_section_is_gone,
            world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            the_first_trial_of_a_killed_process_is_removed, world_setup,
            world_teardown),
        cmocka_unit_test(teardown_does_not_wait_for_an_open_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
