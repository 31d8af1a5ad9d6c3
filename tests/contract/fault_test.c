/*
 * tests/contract/fault_test.c: disks that fail, and the order of the calls
 * that make a delivery durable.
 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <uv.h>

#include "base/compiler.h"
#include "os/workers.h"
#include "store/local/foldersync.h"
#include "store/local/tail.h"

/* --- help ---------------------------------------------------------------- */

/* A session of `total` bytes that has `stored` of them, with its file open and
 * its fragment not settled. */
static struct store_file *start(struct world *world,
                                struct store_session *session, uint64_t stored,
                                uint64_t total)
{
    return world_begin_stored(world, session, total, stored, WORLD_COMPLETE);
}

/* The whole file once more, from the first byte. */
static void upload_again(struct world *world)
{
    struct store_session session = world_row(world, world_id(1));
    uint64_t stored;
    struct store_file *file;

    assert_int_equal(session.state, STORE_RECEIVING);
    assert_int_equal(local_tail(&session)->synced, 0);
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    world_deliver(world, &session, file, 0);
    store_session_done(&session);
}

/* --- order --------------------------------------------------------------- */

static void a_delivery_is_durable_step_by_step(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *data = inject("sync data note");
    struct rule *staging = inject("sync staging note");
    struct rule *target = inject("sync elsewhere note");
    struct rule *commit = inject("sync index note");
    struct rule *move = inject("rename note");

    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    assert_true(rule_first(staging) < rule_first(commit));
    assert_true(rule_first(commit) < rule_first(move));
    assert_true(rule_last(data) < rule_first(move));
    assert_true(rule_first(move) < rule_first(target));
    assert_true(rule_first(move) < rule_last(staging));
    assert_int_equal(rule_hits(data), 1);
    assert_int_equal(rule_hits(staging), 2);
    assert_int_equal(rule_hits(target), 1);
    assert_int_equal(rule_hits(commit), 1);
    assert_int_equal(rule_hits(move), 1);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void without_durability_nothing_waits_for_the_disk(void **state)
{
    struct world *world = *state;
    struct rule *syncs;

    world->section.durability = STORE_DURABLE_NONE;
    world->own.create_folders = true;
    world->ops->place_reconfigure(world->place, &world->section);
    syncs = inject("sync note");
    assert_int_equal(world_upload(world, world_id(1), "new/file", 5000),
                     BITS_CAUSE_OK);
    assert_int_equal(rule_hits(syncs), 0);
}

/* A file of many gigabytes takes long to look through, and without durability
 * the caller's thread does it. */
static void a_file_that_was_counted_is_not_looked_through(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *looks = inject("seek data note");

    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    assert_int_equal(rule_hits(looks), 0);
}

/* --- failures ------------------------------------------------------------ */

static void bytes_that_failed_to_sync_are_given_up(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 9000);
    uint64_t stored;

    inject("sync data once fail EIO");
    assert_int_equal(world_store(world, file, 5000, 5001, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world); /* waits for the background */
    assert_int_equal(world->troubles, 1);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->epoch, 1);
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    world->ops->file_close(file);
    store_session_done(&session);
    upload_again(world);
}

/* The handle that was open does not continue where nothing is left. */
static void an_open_handle_learns_that_its_bytes_are_gone(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 9000);
    uint64_t stored = 1;

    inject("sync data once fail EIO");
    /* deliver() takes note of the failure before it reports. */
    session.total = 5000;
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world_begin_at(world, file, 5000, 0), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world_append(world, file, world_bytes("", 0), &stored),
                     BITS_CAUSE_IO_ERROR);
    assert_int_equal(stored, 0);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void a_delivery_whose_bytes_fail_to_sync_starts_over(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *moves = inject("rename note");

    inject("sync data once fail EIO");
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 0);
    assert_int_equal(session.state, STORE_RECEIVING);
    assert_non_null(strstr(world->op.fault.text, "/.bitsd/"));
    assert_false(world_exists(world, "file"));
    assert_int_equal(rule_hits(moves), 0);
    world->ops->file_close(file);
    store_session_done(&session);
    upload_again(world);
}

/* Then nothing was committed of it, and a Close must still know that an empty
 * file is not meant. */
static void bytes_given_up_with_their_entry_leave_what_was_learnt(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = world_begin_all(world, &session, 5000);

    inject("sync data once fail EIO");
    inject("sync staging once fail EIO");
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 0);
    world->ops->file_close(file);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_true(session.fragment_seen);
    assert_true(session.total_known);
    assert_int_equal(session.total, 5000);
    store_session_done(&session);
    upload_again(world);
}

/* A sync that was asked for by an earlier fragment comes late. */
static void a_late_sync_that_fails_harms_no_delivered_file(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);

    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    inject("sync elsewhere once fail EIO"); /* the open file is at its target */
    world->ops->settle(file);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world); /* waits for the background */
    assert_int_equal(world->troubles, 1);
    world_assert_file(world, "file", 5000);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DONE);
    store_session_done(&session);
}

static void nothing_moves_when_the_staging_folder_fails_to_sync(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);

    inject("sync staging once fail EIO");
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 5000);
    assert_int_equal(session.state, STORE_RETRY);
    assert_false(world_exists(world, "file"));
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 5000);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void
a_folder_that_fails_to_sync_is_synced_before_the_answer(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *target;
    struct rule *staging;
    struct rule *moves;

    inject("sync elsewhere once fail EIO");
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 5000);
    assert_int_equal(session.state, STORE_DELIVERING);
    world_assert_file(world, "file", 5000);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DELIVERING);
    target = inject("sync elsewhere note");
    staging = inject("sync staging note");
    moves = inject("rename note");
    /* The open file is the delivered one by now. */
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    assert_int_equal(session.state, STORE_DONE);
    assert_int_equal(rule_hits(target), 1);
    assert_int_equal(rule_hits(staging), 1);
    assert_int_equal(rule_hits(moves), 0);
    store_session_done(&session);
}

/* The next deliver() has nothing to wait for. */
static void a_delivery_that_was_moved_already_is_reported_as_done(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *moves = inject("rename note");

    inject("sync elsewhere once fail EIO");
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(session.state, STORE_DELIVERING);
    world->section.durability = STORE_DURABLE_NONE;
    world->ops->place_reconfigure(world->place, &world->section);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    assert_int_equal(session.state, STORE_DONE);
    assert_int_equal(rule_hits(moves), 1);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void a_failed_rename_can_be_tried_again(void **state)
{
    static const struct {
        const char *error;
        enum bits_cause cause;
    } rows[] = {
        {"EIO", BITS_CAUSE_IO_ERROR},       {"ENOSPC", BITS_CAUSE_DISK_FULL},
        {"EDQUOT", CAUSE_QUOTA_EXCEEDED},   {"EROFS", CAUSE_READ_ONLY},
        {"EXDEV", CAUSE_OTHER_FILE_SYSTEM}, {"EACCES", BITS_CAUSE_NO_RIGHT},
    };
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_session row;

        inject("rename once fail %s", rows[i].error);
        assert_int_equal(world_finish(world, &session, file), rows[i].cause);
        assert_int_equal(session.state, STORE_RETRY);
        assert_non_null(strstr(world->op.fault.text, "root/file: "));
        row = world_row(world, world_id(1));
        assert_int_equal(row.state, STORE_RETRY);
        assert_string_equal(row.delivered_as, "");
        store_session_done(&row);
    }
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world_assert_file(world, "file", 5000);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void a_session_whose_file_stays_is_not_released(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_ending ending = {.by = BITS_PACKET_CANCEL_SESSION};

    world->ops->file_close(start(world, &session, 5000, 9000));
    inject("unlink data once fail EROFS");
    assert_int_equal(world_end(world, &session, ending), CAUSE_READ_ONLY);
    assert_int_equal(world_count_staged(world), 1);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDING);
    assert_int_equal(world_end(world, &session, ending), BITS_CAUSE_OK);
    assert_int_equal(world_count_staged(world), 0);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_ENDED);
    store_session_done(&session);
}

static void a_commit_that_fails_on_the_disk_moves_nothing(void **state)
{
    static const struct {
        const char *error;
        enum bits_cause cause;
    } rows[] = {
        {"EIO", CAUSE_INDEX_FAILED},
        {"ENOSPC", BITS_CAUSE_DISK_FULL},
        {"EDQUOT", CAUSE_QUOTA_EXCEEDED},
        {"EROFS", CAUSE_READ_ONLY},
    };
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        inject("sync index once fail %s", rows[i].error);
        assert_int_equal(world_finish(world, &session, file), rows[i].cause);
        assert_int_equal(session.state, STORE_RETRY);
        assert_false(world_exists(world, "file"));
    }
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world_assert_file(world, "file", 5000);
    world->ops->file_close(file);
    store_session_done(&session);
}

/* --- what is said -------------------------------------------------------- */

/* The refusal of the packet is the only line about it. */
static void a_failed_commit_of_a_delivery_is_told_once(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *full = inject("sync index fail ENOSPC");

    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_DISK_FULL);
    assert_int_equal(session.state, STORE_RETRY);
    rule_end(full);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world_assert_file(world, "file", 5000);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world); /* what is told in the background has been told */
    assert_int_equal(world->troubles, 0);
}

/* The packet is refused for its disk, so nothing else tells of the index. */
static void a_second_failure_of_a_delivery_is_told_too(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 5000);
    struct rule *full = inject("sync index fail ENOSPC");

    inject("sync staging once fail EIO");
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    rule_end(full);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world);
    assert_int_equal(world->troubles, 1);
}

static enum bits_cause save(struct world *world, struct store_file *file)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->save(file, &call.op));
    return world_call_wait(world, &call);
}

/* No file of this process may be written, the index with its WAL included. */
static void stop_writes(bool stop)
{
    struct rlimit limit;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = stop ? 1 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_failed_save_is_told_only_to_its_caller(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000, 9000);
    enum bits_cause cause;

    stop_writes(true);
    cause = save(world, file);
    stop_writes(false);
    assert_int_equal(cause, BITS_CAUSE_DISK_FULL);
    assert_int_equal(save(world, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world);
    assert_int_equal(world->troubles, 0);
}

static void a_failed_save_without_a_caller_is_told_as_trouble(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 0, 9000);
    struct rule *gate;

    assert_int_equal(world_store(world, file, 0, 4000, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    gate = inject("sync data once hold");
    world->ops->file_close(file);
    rule_wait_held(gate, 1);
    stop_writes(true);
    rule_end(gate);
    world_wait_troubles(world, 1);
    stop_writes(false);
    store_session_done(&session);
    world_reopen(world);
    assert_int_equal(world->troubles, 1);
}

/* --- sharing ------------------------------------------------------------- */

struct request {
    struct folder_sync sync;
    uv_sem_t *done;
    int error;
};

static void request_done(struct folder_sync *sync, int error)
{
    struct request *request = CONTAINER_OF(sync, struct request, sync);

    request->error = error;
    uv_sem_post(request->done);
}

static void one_fsync_serves_all_who_wait(void **state)
{
    struct workers *workers = workers_new(4);
    struct folder_syncs *syncs = folder_syncs_new(workers);
    struct request requests[6];
    struct rule *fsyncs = inject("sync elsewhere note");
    struct rule *first = inject("sync elsewhere once hold");
    struct rule *second;
    uv_sem_t done;
    int fd = open("/var/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_int_equal(uv_sem_init(&done, 0), 0);
    for (size_t i = 0; i < 6; i++) {
        requests[i] = (struct request){.sync = {.fd = fd, .done = request_done},
                                       .done = &done,
                                       .error = -1};
        folder_syncs_request(syncs, &requests[i].sync);
        if (i == 0) {
            /* The others come while this one runs. */
            rule_wait_held(first, 1);
        }
    }
    second = inject("sync elsewhere once hold");
    rule_end(first);
    rule_wait_held(second, 1);
    inject("sync elsewhere once fail EIO");
    rule_end(second);
    for (size_t i = 0; i < 6; i++) {
        uv_sem_wait(&done);
    }
    workers_free(workers);
    assert_int_equal(rule_hits(fsyncs), 2);
    assert_int_equal(requests[0].error, 0);
    for (size_t i = 1; i < 6; i++) {
        assert_int_equal(requests[i].error, EIO);
    }
    folder_syncs_free(syncs);
    (void)close(fd);
    uv_sem_destroy(&done);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_delivery_is_durable_step_by_step),
        TEST(without_durability_nothing_waits_for_the_disk),
        TEST(a_file_that_was_counted_is_not_looked_through),
        TEST(bytes_that_failed_to_sync_are_given_up),
        TEST(an_open_handle_learns_that_its_bytes_are_gone),
        TEST(a_delivery_whose_bytes_fail_to_sync_starts_over),
        TEST(bytes_given_up_with_their_entry_leave_what_was_learnt),
        TEST(a_late_sync_that_fails_harms_no_delivered_file),
        TEST(nothing_moves_when_the_staging_folder_fails_to_sync),
        TEST(a_folder_that_fails_to_sync_is_synced_before_the_answer),
        TEST(a_delivery_that_was_moved_already_is_reported_as_done),
        TEST(a_failed_rename_can_be_tried_again),
        TEST(a_session_whose_file_stays_is_not_released),
        TEST(a_commit_that_fails_on_the_disk_moves_nothing),
        TEST(a_failed_commit_of_a_delivery_is_told_once),
        TEST(a_second_failure_of_a_delivery_is_told_too),
        TEST(a_failed_save_is_told_only_to_its_caller),
        TEST(a_failed_save_without_a_caller_is_told_as_trouble),
        cmocka_unit_test(one_fsync_serves_all_who_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
