/*
 * tests/contract/folders_test.c: how the local store finds, checks and makes
 * the folders that names lead through.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void modes_are_the_configured_ones(void **state)
{
    struct world *world = *state;
    struct stat info;
    char path[256];

    assert_int_equal(world_upload(world, world_id(2), "file.bin", 1),
                     BITS_CAUSE_OK);
    (void)snprintf(path, sizeof(path), "%s/file.bin", world->root);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    world->own.file_mode = 0666;
    world->own.folder_mode = 0775;
    world->own.create_folders = true;
    world_reconfigure(world);
    assert_int_equal(world_upload(world, world_id(1), "new/file", 1),
                     BITS_CAUSE_OK);
    (void)snprintf(path, sizeof(path), "%s/new/file", world->root);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0666);
    (void)snprintf(path, sizeof(path), "%s/new", world->root);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0775);
}

static void a_refusal_names_the_path(void **state)
{
    struct world *world = *state;

    world_write(world, "file", "old");
    assert_int_equal(world_upload(world, world_id(1), "file", 100),
                     CAUSE_FILE_EXISTS);
    assert_non_null(strstr(world->op.fault.text, "root/file"));
}

static void a_symbolic_link_is_replaced_not_followed(void **state)
{
    struct world *world = *state;
    char path[256];

    world->section.on_exists = STORE_EXISTS_REPLACE;
    world_reconfigure(world);
    world_write(world, "target", "old");
    (void)snprintf(path, sizeof(path), "%s/file", world->root);
    assert_int_equal(symlink("target", path), 0);
    assert_int_equal(world_upload(world, world_id(1), "file", 100),
                     BITS_CAUSE_OK);
    world_assert_file(world, "file", 100);
    world_assert_text(world, "target", "old");
}

static void a_folder_is_never_replaced(void **state)
{
    static const enum store_exists choices[] = {
        STORE_EXISTS_REFUSE, STORE_EXISTS_REPLACE, STORE_EXISTS_KEEP_BOTH};
    struct world *world = *state;

    world_mkdir(world, "folder");
    for (unsigned i = 0; i < 3; i++) {
        world->section.on_exists = choices[i];
        world_reconfigure(world);
        assert_int_equal(world_upload(world, world_id(i), "folder", 10),
                         BITS_CAUSE_TARGET_IS_FOLDER);
        assert_int_equal(world_check_name(world, world->place, "folder"),
                         BITS_CAUSE_TARGET_IS_FOLDER);
    }
    assert_int_equal(world_count_files(world, "folder"), 0);
}

static void a_missing_folder_is_reported_until_it_is_there(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_upload(world, world_id(1), "sub/file", 10),
                     CAUSE_FOLDER_MISSING);
    world_mkdir(world, "sub");
    assert_int_equal(world_finish_again(world, world_id(1)), BITS_CAUSE_OK);
    world_assert_file(world, "sub/file", 10);
}

static void missing_folders_are_made_up_to_the_depth(void **state)
{
    struct world *world = *state;

    world->own.create_folders = true;
    world->own.create_folders_depth = 2;
    world_reconfigure(world);
    assert_int_equal(world_upload(world, world_id(1), "a/b/file", 10),
                     BITS_CAUSE_OK);
    world_assert_file(world, "a/b/file", 10);
    assert_int_equal(world_check_name(world, world->place, "c/d/e/file"),
                     CAUSE_TOO_MANY_FOLDERS);
    assert_int_equal(world_upload(world, world_id(2), "c/d/e/file", 10),
                     CAUSE_TOO_MANY_FOLDERS);
    assert_false(world_exists(world, "c"));
    assert_int_equal(world_upload(world, world_id(3), "a/b/c/d/file", 10),
                     BITS_CAUSE_OK);
}

static void own_folders_are_made_without_create_folders(void **state)
{
    struct world *world = *state;

    world->own_folders = 2;
    assert_int_equal(world_check_name(world, world->place, "a/b/c/file"),
                     CAUSE_FOLDER_MISSING);
    assert_non_null(strstr(world->fault.text, "a/b/c does not exist"));
    assert_int_equal(world_check_name(world, world->place, "a/b/file"),
                     BITS_CAUSE_OK);
    assert_int_equal(world_upload(world, world_id(1), "a/b/file", 10),
                     BITS_CAUSE_OK);
    world_assert_file(world, "a/b/file", 10);
    assert_int_equal(world_check_name(world, world->place, "a/b/c/file"),
                     CAUSE_FOLDER_MISSING);
    assert_int_equal(world_upload(world, world_id(2), "a/b/c/file", 10),
                     CAUSE_FOLDER_MISSING);
    assert_int_equal(world_upload(world, world_id(3), "d/file", 10),
                     BITS_CAUSE_OK);
}

static void own_folders_do_not_count_for_the_depth(void **state)
{
    struct world *world = *state;

    world->own.create_folders = true;
    world->own.create_folders_depth = 1;
    world_reconfigure(world);
    world->own_folders = 2;
    assert_int_equal(world_check_name(world, world->place, "a/b/c/d/file"),
                     CAUSE_TOO_MANY_FOLDERS);
    assert_int_equal(world_upload(world, world_id(1), "a/b/c/file", 10),
                     BITS_CAUSE_OK);
    world_assert_file(world, "a/b/c/file", 10);
}

static void a_file_where_a_folder_should_be_is_reported(void **state)
{
    struct world *world = *state;

    world->own.create_folders = true;
    world_reconfigure(world);
    world_write(world, "sub", "a file");
    assert_int_equal(world_check_name(world, world->place, "sub/file"),
                     CAUSE_FOLDER_IS_FILE);
    assert_int_equal(world_upload(world, world_id(1), "sub/file", 10),
                     CAUSE_FOLDER_IS_FILE);
}

static void a_symbolic_link_in_the_way_is_not_followed(void **state)
{
    struct world *world = *state;
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/link", world->root);
    assert_int_equal(symlink("/var/tmp", path), 0);
    assert_int_equal(world_check_name(world, world->place, "link/file"),
                     CAUSE_TARGET_LINK);
    assert_non_null(strstr(world->fault.text, "symbolic link"));
    assert_int_equal(world_upload(world, world_id(1), "link/file", 10),
                     CAUSE_TARGET_LINK);
}

static void a_link_swapped_in_after_create_is_not_followed(void **state)
{
    struct world *world = *state;
    char path[256];
    char outside[256];

    (void)snprintf(path, sizeof(path), "%s/sub", world->root);
    (void)snprintf(outside, sizeof(outside), "%s/outside", world->folder);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(mkdir(outside, 0755), 0);
    assert_int_equal(world_check_name(world, world->place, "sub/file"),
                     BITS_CAUSE_OK);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(symlink(outside, path), 0);
    assert_int_equal(world_upload(world, world_id(1), "sub/file", 10),
                     CAUSE_TARGET_LINK);
    assert_int_equal(world_count_files(world, "../outside"), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(world_finish_again(world, world_id(1)), BITS_CAUSE_OK);
    world_assert_file(world, "sub/file", 10);
}

static void
nothing_is_delivered_while_another_folder_is_at_the_root(void **state)
{
    struct world *world = *state;
    char moved[256];

    (void)snprintf(moved, sizeof(moved), "%s/moved", world->folder);
    assert_int_equal(rename(world->root, moved), 0);
    assert_int_equal(mkdir(world->root, 0755), 0);
    assert_int_equal(world_upload(world, world_id(1), "file", 10),
                     CAUSE_PLACE_AWAY);
    assert_int_equal(world_count_files(world, ""), 0);
    assert_int_equal(world_count_files(world, "../moved"), 0);
    assert_int_equal(rmdir(world->root), 0);
    assert_int_equal(rename(moved, world->root), 0);
    assert_int_equal(world_finish_again(world, world_id(1)), BITS_CAUSE_OK);
    world_assert_file(world, "file", 10);
}

static void names_are_checked_at_create(void **state)
{
    static const struct {
        const char *name;
        enum bits_cause cause;
    } rows[] = {
        {"new", BITS_CAUSE_OK},
        {"sub/new", BITS_CAUSE_OK},
        {"sub/deep/new", BITS_CAUSE_OK},
        {"old", CAUSE_FILE_EXISTS},
        {"sub", BITS_CAUSE_TARGET_IS_FOLDER},
        {"sub/deep", BITS_CAUSE_TARGET_IS_FOLDER},
        {"missing/new", CAUSE_FOLDER_MISSING},
        {"old/new", CAUSE_FOLDER_IS_FILE},
        {".bitsd", CAUSE_TARGET_RESERVED},
        {".BITSD", CAUSE_TARGET_RESERVED},
        {".bitsd/new", CAUSE_TARGET_RESERVED},
        {".Bitsd/00/new", CAUSE_TARGET_RESERVED},
        {".bitsd2", BITS_CAUSE_OK},
    };
    struct world *world = *state;

    world_write(world, "old", "old");
    world_mkdir(world, "sub");
    world_mkdir(world, "sub/deep");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum bits_cause cause =
            world_check_name(world, world->place, rows[i].name);

        if (cause != rows[i].cause) {
            fail_msg("%s: %s, not %s", rows[i].name, bits_cause_name(cause),
                     bits_cause_name(rows[i].cause));
        }
    }
}

static void the_staging_folder_is_known_under_any_name(void **state)
{
    struct world *world = *state;
    char old_path[256];
    char new_path[256];

    (void)snprintf(old_path, sizeof(old_path), "%s/.bitsd", world->root);
    (void)snprintf(new_path, sizeof(new_path), "%s/harmless", world->root);
    assert_int_equal(rename(old_path, new_path), 0);
    assert_int_equal(world_check_name(world, world->place, "harmless/00/x"),
                     CAUSE_TARGET_RESERVED);
    assert_int_equal(world_upload(world, world_id(1), "harmless/00/x", 10),
                     CAUSE_TARGET_RESERVED);
    assert_int_equal(rename(new_path, old_path), 0);
}

/* D-54 */
static void look_finds_regular_files_only(void **state)
{
    static const char *const names[] = {
        "link", "pipe", "sub", "missing/file", "a/b/c/d/e/f/g/h/i/j/k",
    };
    struct world *world = *state;
    char path[256];

    world->own.create_folders = true;
    world->own.create_folders_depth = 8;
    world_reconfigure(world);
    world_mkdir(world, "sub");
    world_write(world, "empty", "");
    (void)snprintf(path, sizeof(path), "%s/link", world->root);
    assert_int_equal(symlink("empty", path), 0);
    (void)snprintf(path, sizeof(path), "%s/pipe", world->root);
    assert_int_equal(mkfifo(path, 0600), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool found = true;
        uint64_t size;

        assert_int_equal(world_look(world, names[i], &found, &size),
                         BITS_CAUSE_OK);
        assert_false(found);
    }
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

        assert_int_equal(world_look(world, rows[i].name, &found, &size),
                         rows[i].cause);
        assert_false(found);
        assert_int_not_equal(world->op.fault.text[0], '\0');
    }
}

#define TESTS(TEST)                                                            \
    TEST(modes_are_the_configured_ones),                                       \
        TEST(a_symbolic_link_is_replaced_not_followed),                        \
        TEST(a_folder_is_never_replaced),                                      \
        TEST(a_missing_folder_is_reported_until_it_is_there),                  \
        TEST(missing_folders_are_made_up_to_the_depth),                        \
        TEST(own_folders_are_made_without_create_folders),                     \
        TEST(own_folders_do_not_count_for_the_depth),                          \
        TEST(a_file_where_a_folder_should_be_is_reported),                     \
        TEST(a_symbolic_link_in_the_way_is_not_followed),                      \
        TEST(a_link_swapped_in_after_create_is_not_followed),                  \
        TEST(nothing_is_delivered_while_another_folder_is_at_the_root),        \
        TEST(names_are_checked_at_create),                                     \
        TEST(the_staging_folder_is_known_under_any_name),                      \
        TEST(look_finds_regular_files_only),                                   \
        TEST(look_goes_where_an_upload_may_go), TEST(a_refusal_names_the_path)

WORLD_MAIN_TWICE(TESTS)
