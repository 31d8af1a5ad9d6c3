/*
 * tests/contract/local_test.c: what the store on local disks promises beyond
 * the contract: power cuts as they look afterwards, locks, a damaged or busy
 * index, folders of another server.
 *
 * A start of the machine, or a mount of the file system, is played by changing
 * the identity that the index remembers while the store is closed.
 */
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/local/tail.h"

static void index_path(struct world *world, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/index.db", world->state);
}

static sqlite3 *open_index(struct world *world)
{
    char path[256];
    sqlite3 *handle;

    index_path(world, path, sizeof(path));
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    return handle;
}

static void execute(struct world *world, const char *sql)
{
    sqlite3 *handle = open_index(world);

    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* The store closes, the machine starts, the store opens. */
static void start_machine(struct world *world, const char *sql)
{
    world_close(world);
    execute(world, "UPDATE instance SET identity = 'another'");
    if (sql) {
        execute(world, sql);
    }
    world_open(world);
}

/* An upload of `total` bytes with `stored` of them, as one fragment. */
static void start_upload(struct world *world, unsigned number, uint64_t stored,
                         uint64_t total)
{
    struct store_session session =
        world_session(world, world_id(number), "file", total);
    uint64_t before;
    struct store_file *file = world_file(world, &session, &before);

    assert_int_equal(world_store(world, file, 0, stored, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
}

static uint64_t offered(struct world *world, unsigned number)
{
    struct store_session session = world_row(world, world_id(number));
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    world->ops->file_close(file);
    store_session_done(&session);
    return stored;
}

/* Stores the rest and delivers. */
static void complete(struct world *world, unsigned number)
{
    struct store_session session = world_row(world, world_id(number));
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    assert_int_equal(
        world_store(world, file, stored, session.total, WORLD_COMPLETE),
        BITS_CAUSE_OK);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    world_assert_file(world, session.name, session.total);
    store_session_done(&session);
}

/* --- power cuts ---------------------------------------------------------- */

static void synced_bytes_survive_a_boot(void **state)
{
    struct world *world = *state;

    start_upload(world, 1, 12345, 50000);
    start_machine(world, NULL);
    assert_int_equal(offered(world, 1), 12345);
    complete(world, 1);
}

static void bytes_that_were_not_synced_are_cut_off_after_a_boot(void **state)
{
    struct world *world = *state;

    start_upload(world, 1, 12345, 50000);
    start_machine(world, "UPDATE session SET synced = 10001");
    assert_int_equal(offered(world, 1), 10001);
    complete(world, 1);
}

static void bytes_stored_after_a_boot_survive_a_restart(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;

    start_upload(world, 1, 12345, 50000);
    start_machine(world, "UPDATE session SET synced = 10001");
    session = world_row(world, world_id(1));
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, stored, 20000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    world_close(world);
    execute(world, "UPDATE session SET synced = 10001");
    world_open(world);
    assert_int_equal(offered(world, 1), 20000);
    complete(world, 1);
}

static void a_file_shorter_than_synced_starts_over_after_a_boot(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    start_upload(world, 1, 12345, 50000);
    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(truncate(path, 12000), 0);
    start_machine(world, NULL);
    assert_int_equal(offered(world, 1), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->synced, 0);
    assert_int_equal(local_tail(&session)->epoch, 1);
    store_session_done(&session);
    complete(world, 1);
}

static void a_lost_file_starts_over_after_a_boot(void **state)
{
    struct world *world = *state;
    char path[256];

    start_upload(world, 1, 12345, 50000);
    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    start_machine(world, NULL);
    assert_int_equal(offered(world, 1), 0);
    complete(world, 1);
}

static void
after_a_boot_a_data_file_shows_that_a_fragment_was_seen(void **state)
{
    struct world *world = *state;
    struct store_session session;

    start_upload(world, 1, 10, 20);
    assert_int_equal(world_create(world, world_id(2), "empty", ""),
                     BITS_CAUSE_OK);
    start_machine(world, "UPDATE session SET seen = 0, total = NULL,"
                         " stored_any = 0, synced = 0");
    session = world_row(world, world_id(1));
    assert_true(session.fragment_seen);
    assert_false(session.total_known);
    store_session_done(&session);
    session = world_row(world, world_id(2));
    assert_false(session.fragment_seen);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "empty", 0);
    store_session_done(&session);
}

static void state_and_staging_may_be_one_folder(void **state)
{
    struct world *world = *state;

    world_close(world);
    (void)snprintf(world->state, sizeof(world->state), "%s/.bitsd",
                   world->root);
    /* The index that was made first owns the staging folder. */
    world_remove(world, ".bitsd/index-id");
    world_open(world);
    assert_int_equal(world_check_name(world, world->place, ".bitsd/index.db"),
                     CAUSE_TARGET_RESERVED);
    assert_int_equal(world_upload(world, world_id(1), "file", 10),
                     BITS_CAUSE_OK);
    world_reopen(world);
    assert_int_equal(world_count(world), 1);
}

static void a_delivery_cut_off_before_the_rename_is_tried_again(void **state)
{
    struct world *world = *state;
    struct store_session session;

    start_upload(world, 1, 20000, 20000);
    start_machine(world, "UPDATE session SET state = 1,"
                         " delivered_as = 'file'");
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RETRY);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 20000);
    store_session_done(&session);
}

/* Its disk failed and kept nothing, another one kept the row. */
static void
a_failed_delivery_without_its_file_starts_over_after_a_boot(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char path[256];

    start_upload(world, 1, 20000, 20000);
    world_staged_path(world, world_id(1), path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    start_machine(world, "UPDATE session SET state = 2");
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RECEIVING);
    assert_int_equal(local_tail(&session)->synced, 0);
    store_session_done(&session);
    assert_int_equal(offered(world, 1), 0);
    complete(world, 1);
}

static void a_delivery_cut_off_before_the_bytes_receives_again(void **state)
{
    struct world *world = *state;
    struct store_session session;

    start_upload(world, 1, 20000, 20000);
    start_machine(world, "UPDATE session SET state = 1,"
                         " delivered_as = 'file', synced = 5000");
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RECEIVING);
    store_session_done(&session);
    assert_int_equal(offered(world, 1), 5000);
    complete(world, 1);
}

/* What was delivered may have been taken away since. */
static void a_delivery_cut_off_after_the_rename_is_done(void **state)
{
    for (unsigned boot = 0; boot < 2; boot++) {
        struct world *world = *state;
        struct store_session session;
        struct bits_guid id = world_id(boot + 1);

        assert_int_equal(world_upload(world, id, "file", 20000), BITS_CAUSE_OK);
        world_remove(world, "file");
        world_close(world);
        execute(world, "UPDATE session SET state = 1");
        if (boot) {
            execute(world, "UPDATE instance SET identity = 'another'");
        }
        world_open(world);
        session = world_row(world, id);
        assert_int_equal(session.state, STORE_DELIVERING);
        assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
        assert_int_equal(session.state, STORE_DONE);
        assert_string_equal(session.delivered_as, "file");
        assert_false(world_exists(world, "file"));
        store_session_done(&session);
        session = world_row(world, id);
        assert_int_equal(session.state, STORE_DONE);
        store_session_done(&session);
    }
}

static void the_start_ends_sessions_that_were_ending(void **state)
{
    struct world *world = *state;
    struct store_session session;

    start_upload(world, 1, 10, 20);
    start_upload(world, 2, 10, 20);
    start_upload(world, 3, 10, 20);
    world_close(world);
    execute(world, "UPDATE session SET state = 4, ended_by = 4,"
                   " ended_cause = 'OK' WHERE hex(id) LIKE '%01'");
    execute(world, "UPDATE session SET state = 4 WHERE hex(id) LIKE '%03'");
    assert_int_equal(world_count_staged(world), 3);
    world_open(world);
    assert_int_equal(world_count_staged(world), 1);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDED);
    assert_int_equal(session.ended_by, BITS_PACKET_CANCEL_SESSION);
    assert_int_equal(session.ended.cause, BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(offered(world, 2), 10);
    assert_int_equal(world_find(world, world_id(3), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(world_count(world), 1);
}

/* --- opening ------------------------------------------------------------- */

static void assert_store_refused(struct world *world, const char *words)
{
    struct store *store = world_store_open(world, &world->fault);

    assert_null(store);
    if (!strstr(world->fault.text, words)) {
        fail_msg("\"%s\" lacks \"%s\"", world->fault.text, words);
    }
}

static void assert_place_refused(struct world *world, const char *words)
{
    struct store_place *place = world->place;

    assert_int_not_equal(world_place_open(world), BITS_CAUSE_OK);
    assert_null(world->place);
    world->place = place;
    if (!strstr(world->fault.text, words)) {
        fail_msg("\"%s\" lacks \"%s\"", world->fault.text, words);
    }
}

static void a_second_store_on_the_state_folder_is_refused(void **state)
{
    struct world *world = *state;
    char words[64];

    (void)snprintf(words, sizeof(words), "another bitsd (pid %ld)",
                   (long)getpid());
    assert_store_refused(world, words);
}

static void a_second_store_on_the_staging_folder_is_refused(void **state)
{
    struct world *world = *state;
    struct world other = *world;

    (void)snprintf(other.state, sizeof(other.state), "%s/other", world->folder);
    other.clock.context = &other;
    other.store = world_store_open(&other, &other.fault);
    assert_non_null(other.store);
    assert_place_refused(&other, "uses the staging folder");
    world->ops->close(other.store);
}

static void the_staging_folder_of_another_index_is_refused(void **state)
{
    struct world *world = *state;
    char path[256];

    start_upload(world, 1, 10, 20);
    world_close(world);
    (void)snprintf(path, sizeof(path), "%s/index.db", world->state);
    assert_int_equal(unlink(path), 0);
    world->store = world_store_open(world, &world->fault);
    assert_non_null(world->store);
    assert_place_refused(world, "belongs to another index");
    assert_int_equal(world_count_staged(world), 1);
}

static void sections_with_one_root_share_its_staging_folder(void **state)
{
    struct world *world = *state;
    struct store_place *first = world->place;
    char prefix[] = "/other";

    world->section.prefix = prefix;
    if (world_place_open(world) != BITS_CAUSE_OK) {
        fail_msg("%s", world->fault.text);
    }
    assert_int_equal(world_upload(world, world_id(1), "a", 10), BITS_CAUSE_OK);
    world->ops->place_close(first);
    assert_int_equal(world_upload(world, world_id(2), "b", 10), BITS_CAUSE_OK);
}

static void a_staging_folder_on_another_mount_is_refused(void **state)
{
    struct world *world = *state;
    (void)snprintf(world->staging, sizeof(world->staging),
                   "/dev/shm/bitsd-test-XXXXXX");
    assert_non_null(mkdtemp(world->staging));
    world->ops->place_close(world->place);
    world->place = NULL;
    assert_place_refused(world, "on another mount");
    assert_int_equal(rmdir(world->staging), 0);
}

static void a_missing_root_is_refused_with_a_remedy(void **state)
{
    struct world *world = *state;
    char path[] = "/nonexistent/root";

    world->own.root = path;
    assert_place_refused(world, "does not exist; make it");
}

static void a_newer_index_is_refused(void **state)
{
    struct world *world = *state;

    world_close(world);
    execute(world, "PRAGMA user_version = 1000");
    assert_store_refused(world, "schema version 1000");
    execute(world, "PRAGMA user_version = 2");
    world_open(world);
}

static void a_damaged_index_is_refused(void **state)
{
    struct world *world = *state;
    char path[256];

    world_close(world);
    index_path(world, path, sizeof(path));
    {
        int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        static const char junk[] = "this is no database, whatever it says";
        char page[4096];

        assert_true(fd >= 0);
        memset(page, 'x', sizeof(page));
        memcpy(page, junk, sizeof(junk));
        assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
        (void)close(fd);
    }
    assert_store_refused(world, "index.db: ");
    assert_store_refused(world, "restore the file");
}

/* --- a troubled index ---------------------------------------------------- */

static void a_locked_index_is_reported_and_used_again(void **state)
{
    struct world *world = *state;
    sqlite3 *handle = open_index(world);
    struct store_session session;

    assert_int_equal(sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(world_create(world, world_id(1), "a", ""),
                     CAUSE_INDEX_BUSY);
    assert_non_null(strstr(world->op.fault.text, "index.db"));
    assert_int_equal(sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
}

static void a_full_disk_under_the_index_is_reported_and_survived(void **state)
{
    struct world *world;
    struct store_session session;
    enum bits_cause cause = BITS_CAUSE_OK;
    unsigned made = 0;

    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: only root can mount a small disk\n");
        skip();
    }
    world = world_new(NULL);
    assert_int_equal(mkdir(world->state, 0700), 0);
    assert_int_equal(mount("none", world->state, "tmpfs", 0, "size=2m"), 0);
    world_open(world);
    while (made < 100000 && cause == BITS_CAUSE_OK) {
        cause = world_create(world, world_id(++made), "a", "");
    }
    assert_int_equal(cause, BITS_CAUSE_DISK_FULL);
    assert_non_null(strstr(world->op.fault.text, "index.db"));
    assert_int_equal(world_find(world, world_id(made), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    session = world_row(world, world_id(made - 1));
    store_session_done(&session);
    assert_int_equal(
        mount("none", world->state, "tmpfs", MS_REMOUNT, "size=20m"), 0);
    assert_int_equal(world_create(world, world_id(made), "a", ""),
                     BITS_CAUSE_OK);
    assert_int_equal(world_count(world), made);
    world_close(world);
    assert_int_equal(umount(world->state), 0);
    world_free(world);
}

static void a_failed_commit_of_the_delivery_moves_nothing(void **state)
{
    struct world *world = *state;
    sqlite3 *handle;
    struct store_session session;

    start_upload(world, 1, 20, 20);
    session = world_row(world, world_id(1));
    /* The background sync has had its commit. */
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    handle = open_index(world);
    assert_int_equal(sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(world_finish(world, &session, NULL), CAUSE_INDEX_BUSY);
    assert_int_equal(session.state, STORE_RETRY);
    assert_false(world_exists(world, "file"));
    assert_int_equal(sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 20);
    store_session_done(&session);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(synced_bytes_survive_a_boot),
        TEST(bytes_that_were_not_synced_are_cut_off_after_a_boot),
        TEST(bytes_stored_after_a_boot_survive_a_restart),
        TEST(a_file_shorter_than_synced_starts_over_after_a_boot),
        TEST(a_lost_file_starts_over_after_a_boot),
        TEST(after_a_boot_a_data_file_shows_that_a_fragment_was_seen),
        TEST(state_and_staging_may_be_one_folder),
        TEST(a_delivery_cut_off_before_the_rename_is_tried_again),
        TEST(a_failed_delivery_without_its_file_starts_over_after_a_boot),
        TEST(a_delivery_cut_off_before_the_bytes_receives_again),
        TEST(a_delivery_cut_off_after_the_rename_is_done),
        TEST(the_start_ends_sessions_that_were_ending),
        TEST(a_second_store_on_the_state_folder_is_refused),
        TEST(a_second_store_on_the_staging_folder_is_refused),
        TEST(the_staging_folder_of_another_index_is_refused),
        TEST(sections_with_one_root_share_its_staging_folder),
        TEST(a_staging_folder_on_another_mount_is_refused),
        TEST(a_missing_root_is_refused_with_a_remedy),
        TEST(a_newer_index_is_refused),
        TEST(a_damaged_index_is_refused),
        TEST(a_locked_index_is_reported_and_used_again),
        cmocka_unit_test(a_full_disk_under_the_index_is_reported_and_survived),
        TEST(a_failed_commit_of_the_delivery_moves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
