/*
 * tests/contract/loss_test.c: bytes that are given up while they are in use.
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "store/local/tail.h"

static int setup_workers(void **state, unsigned workers)
{
    struct world *world = world_new(NULL);

    world->own.create_folders = true;
    world->workers = workers;
    world_open(world);
    *state = world;
    return 0;
}

static int setup(void **state)
{
    return setup_workers(state, 8);
}

/* A worker that is alone does one thing after the other. */
static int setup_one_worker(void **state)
{
    return setup_workers(state, 1);
}

/* A session whose row knows `total` bytes, with a handle on its file. */
static struct store_file *start_as(struct world *world, unsigned number,
                                   const char *name,
                                   struct store_session *session,
                                   uint64_t total)
{
    struct store_file *file;
    uint64_t stored;

    *session = world_session(world, world_id(number), name, total);
    file = world_file(world, session, &stored);
    assert_int_equal(stored, 0);
    return file;
}

static struct store_file *start(struct world *world,
                                struct store_session *session, uint64_t total)
{
    return start_as(world, 1, "new/file", session, total);
}

/* Waits until the first failure in the background is dealt with. */
static void wait_until_given_up(struct world *world)
{
    struct store_session session;
    struct store_file *file = NULL;
    uint64_t stored;

    /* The file is cut before the failure is told, and used after it. */
    world_wait_troubles(world, 1);
    session = world_row(world, world_id(1));
    while (world_file_open(world, &session, &file, &stored) != BITS_CAUSE_OK) {
        uv_sleep(1);
    }
    assert_int_equal(stored, 0);
    world->ops->file_close(file);
    store_session_done(&session);
}

/* --- a delivery ---------------------------------------------------------- */

static void begin_delivery(struct world *world, struct world_call *delivery,
                           struct store_session *session,
                           struct store_file *file)
{
    world_call_begin(delivery);
    world_called(delivery, world->ops->deliver(world->place, session, file,
                                               &delivery->op));
}

/* Waits for the end of a delivery whose bytes are gone: nothing is there, and
 * the whole file can be uploaded again. */
static void expect_loss(struct world *world, struct world_call *delivery,
                        struct store_session *session, struct store_file *file)
{
    uint64_t stored;

    assert_int_equal(world_call_wait(world, delivery), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 0);
    assert_int_equal(session->state, STORE_RECEIVING);
    assert_false(world_exists(world, "new/file"));
    world->ops->file_close(file);
    store_session_done(session);

    *session = world_row(world, world_id(1));
    assert_int_equal(session->state, STORE_RECEIVING);
    assert_int_equal(local_tail(session)->synced, 0);
    file = world_file(world, session, &stored);
    assert_int_equal(stored, 0);
    world_deliver(world, session, file, 0);
    store_session_done(session);
}

/* The bytes are being given up, and still there, when the delivery begins; it
 * must not take what is left of them for the file. */
static void a_delivery_does_not_begin_with_bytes_being_given_up(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000);
    struct store_session next;
    struct store_file *next_file = start_as(world, 2, "next", &next, 1000);
    struct world_call delivery;
    struct rule *commit = inject("sync index once hold");
    struct rule *sync;

    inject("sync data once fail EIO");
    assert_int_equal(world_store(world, file, 0, 5000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    rule_wait_held(commit, 1);
    begin_delivery(world, &delivery, &session, file);
    /* The only worker has begun with the delivery, and is through with what it
     * could do of it, when it comes to another file. */
    sync = inject("sync data once hold");
    assert_int_equal(world_store(world, next_file, 0, 1000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    rule_wait_held(sync, 1);
    rule_end(sync);
    rule_end(commit);
    expect_loss(world, &delivery, &session, file);
    world->ops->file_close(next_file);
    store_session_done(&next);
}

static void
bytes_given_up_while_folders_are_made_are_not_delivered(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000);
    struct world_call delivery;
    struct rule *sync = inject("sync data once hold");
    struct rule *folders = inject("sync elsewhere once hold");

    assert_int_equal(world_store(world, file, 0, 5000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    rule_wait_held(sync, 1);
    begin_delivery(world, &delivery, &session, file);
    rule_wait_held(folders, 1);
    inject("sync data once fail EIO");
    rule_end(sync);
    wait_until_given_up(world);
    rule_end(folders);
    expect_loss(world, &delivery, &session, file);
}

/* A sync that was asked for before fails behind the delivery's own, and the row
 * knows of the loss before it is to say DELIVERING. */
static void
a_loss_before_the_row_says_delivering_keeps_the_session(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000);
    struct store_session other = world_row(world, world_id(1));
    struct store_file *other_file;
    struct world_call delivery;
    struct rule *entry;
    struct rule *syncs;
    struct rule *late;
    uint64_t stored;

    assert_int_equal(world_store(world, file, 0, 5000, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    other_file = world_file(world, &other, &stored);
    assert_int_equal(stored, 5000);
    entry = inject("sync staging once hold");
    syncs = inject("sync data note");
    begin_delivery(world, &delivery, &session, file);
    rule_wait_held(entry, 1);
    while (rule_hits(syncs) == 0) {
        uv_sleep(1);
    }
    late = inject("sync data once hold");
    world->ops->file_close(other_file);
    rule_wait_held(late, 1);
    inject("sync data once fail EIO");
    rule_end(late);
    wait_until_given_up(world);
    rule_end(entry);
    expect_loss(world, &delivery, &session, file);
    store_session_done(&other);
}

/* --- a fragment ---------------------------------------------------------- */

/* A handle that is older than the loss has nothing to say about what is
 * durable. */
static void an_old_handle_vouches_for_no_bytes(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 9000);
    struct rule *sync = inject("sync data once hold");
    unsigned char bytes[500];
    uint64_t stored;

    assert_int_equal(world_store(world, file, 0, 6000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    rule_wait_held(sync, 1);
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(world_begin_at(world, file, 6000, 1000), BITS_CAUSE_OK);
    assert_int_equal(
        world_append(world, file, world_bytes(bytes, sizeof(bytes)), &stored),
        BITS_CAUSE_OK);
    assert_int_equal(stored, 6500);
    inject("sync data once fail EIO");
    rule_end(sync);
    wait_until_given_up(world);

    world->ops->settle(file);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world); /* waits for the background */
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->epoch, 1);
    assert_int_equal(local_tail(&session)->synced, 0);
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    world->ops->file_close(file);
    store_session_done(&session);
}

/* The session continues without being loaded again: its row and the file mean
 * the same bytes. */
static void a_session_resumes_after_its_loss(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000);
    uint64_t stored;

    inject("sync data once fail EIO");
    assert_int_equal(world_store(world, file, 0, 3000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    wait_until_given_up(world);
    assert_int_equal(world_begin_at(world, file, 3000, 1000),
                     BITS_CAUSE_IO_ERROR);
    world->ops->file_close(file);

    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    world_deliver(world, &session, file, 0);
    store_session_done(&session);
}

/* Only the session knows of the loss, and that the row names an older epoch:
 * the index failed, and the file was closed. */
static void a_session_outlives_a_loss_that_was_not_committed(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000);
    struct rule *broken = inject("sync index fail EIO");
    uint64_t stored;

    inject("sync data once fail EIO");
    assert_int_equal(world_store(world, file, 0, 3000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    /* The index, and the disk. */
    world_wait_troubles(world, 2);
    assert_int_equal(world_begin_at(world, file, 3000, 1000),
                     BITS_CAUSE_IO_ERROR);
    world->ops->file_close(file);
    rule_end(broken);

    while (world_file_open(world, &session, &file, &stored) != BITS_CAUSE_OK) {
        uv_sleep(1);
    }
    assert_int_equal(stored, 0);
    world_deliver(world, &session, file, 0);
    store_session_done(&session);
}

/* Bytes of session 1, lost while another handle has it. */
static void lose_bytes(struct world *world)
{
    struct store_session session = world_row(world, world_id(1));
    struct store_file *file;
    uint64_t stored;

    file = world_file(world, &session, &stored);
    world->troubles = 0;
    inject("sync data once fail EIO");
    assert_int_equal(world_store(world, file, 0, 3000, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    wait_until_given_up(world);
}

static void a_session_outlives_two_losses_that_it_did_not_see(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = start(world, &session, 5000);
    uint64_t stored;

    world->ops->file_close(file);
    lose_bytes(world);
    lose_bytes(world);
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    assert_int_equal(world_store(world, file, 0, 5000, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world->op.stored, 0);
    assert_int_equal(session.state, STORE_RECEIVING);
    world->ops->file_close(file);

    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    world_deliver(world, &session, file, 0);
    store_session_done(&session);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_delivery_does_not_begin_with_bytes_being_given_up,
            setup_one_worker, world_teardown),
        TEST(bytes_given_up_while_folders_are_made_are_not_delivered),
        TEST(a_loss_before_the_row_says_delivering_keeps_the_session),
        TEST(a_session_outlives_a_loss_that_was_not_committed),
        TEST(a_session_outlives_two_losses_that_it_did_not_see),
        TEST(an_old_handle_vouches_for_no_bytes),
        TEST(a_session_resumes_after_its_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
