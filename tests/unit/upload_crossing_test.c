/*
 * tests/unit/upload_crossing_test.c: calls of the store for one session that
 * run at the same time, answered in an order that seldom happens.
 */
#include "upload_world.h"

#include <string.h>

#include "cause/cause.h"

/* --- a learn() or save() that the test answers --------------------------- */

static struct store_op *held;
static unsigned learns; /* learn() that were asked for */

static enum store_when hold_learn(struct store_place *place,
                                  const struct store_session *session,
                                  struct store_op *op)
{
    (void)place;
    (void)session;
    assert_null(held);
    held = op;
    learns++;
    return STORE_LATER;
}

static void answer_held(enum bits_cause cause)
{
    struct store_op *op = held;

    assert_non_null(op);
    held = NULL;
    op->outcome = cause_outcome(cause);
    op->fault.text[0] = '\0';
    op->done(op);
}

static void hold_learns(struct upload_world *world)
{
    held = NULL;
    learns = 0;
    world->ops.learn = hold_learn;
}

/* --- the row is not committed -------------------------------------------- */

/* The answer rests on the row: it is committed by another learn(). */
static void a_commit_fails_while_the_store_takes_bytes(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    hold_learns(world);
    client_fragment(&client, world, &id, RANGE(0, 9, 20));
    client_send(&client, 4);
    world->later = "append";
    client_send(&client, 5);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    answer_held(BITS_CAUSE_IO_ERROR);
    client_wait(&client);
    client_end(&client, BITS_BODY_WHOLE);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    assert_int_equal(learns, 2);
    answer_held(BITS_CAUSE_OK);
    client_expect_next(&client, BITS_CAUSE_OK, 9);
}

static enum store_when refuse_append(struct store_file *file,
                                     struct os_bytes bytes, struct store_op *op)
{
    (void)file;
    (void)bytes;
    op->outcome = cause_outcome(BITS_CAUSE_DISK_FULL);
    op->stored = 4;
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

/* The same for the next packet. */
static void a_commit_fails_while_the_store_opens_the_file(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    struct upload_client next;

    hold_learns(world);
    client_fragment(&client, world, &id, RANGE(0, 9, 20));
    client_send(&client, 4);
    world->ops.append = refuse_append;
    client_send(&client, 5);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    world->later = "file_open";
    client_fragment(&next, world, &id, RANGE(15, 20, 20));
    answer_held(BITS_CAUSE_IO_ERROR);
    client_wait(&client);
    client_assert_answer(&client, BITS_CAUSE_IO_ERROR);
    assert_int_equal(upload_world_answer(world), 1);
    client_resume_all(&next);
    assert_int_equal(learns, 2);
    answer_held(BITS_CAUSE_OK);
    client_expect_next(&next, BITS_CAUSE_RANGE_GAP, 4);
    client_release(&client);
}

/* --- the row is read again ----------------------------------------------- */

static enum store_when refuse_end(struct store_place *place,
                                  struct store_session *session,
                                  const struct store_ending *ending,
                                  struct store_op *op)
{
    (void)place;
    (void)session;
    (void)ending;
    op->outcome = cause_outcome(BITS_CAUSE_IO_ERROR);
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

/* How much is stored is not known at that moment. */
static void a_commit_ends_while_the_row_is_read_again(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    struct upload_client cancel;

    hold_learns(world);
    client_fragment(&client, world, &id, RANGE(0, 9, 20));
    client_send_last(&client, 9);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    world->ops.end = refuse_end;
    world->later = "find";
    client_cancel(&cancel, world, &id);
    answer_held(BITS_CAUSE_OK);
    client_resume(&client);
    client_assert_answer(&client, BITS_CAUSE_OK);
    assert_false(client.request.answer.has_next);
    client_expect_answer(&cancel, BITS_CAUSE_IO_ERROR);
    client_release(&client);
}

/* --- another server has the session -------------------------------------- */

static void a_commit_of_an_older_fence_fails_no_newer_fragment(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;

    hold_learns(world);
    client_fragment(&older, world, &id, RANGE(0, 9, 20));
    client_send(&older, 4);
    upload_world_take_session(world, &id);
    client_send(&older, 5);
    assert_int_equal(older.verdict, UPLOAD_PENDING);
    client_fragment(&newer, world, &id, RANGE(4, 9, 20));
    client_resume_all(&older);
    client_assert_answer(&older, CAUSE_FENCED);
    client_resume_all(&newer);
    client_send(&newer, 5);
    client_end(&newer, BITS_BODY_WHOLE);
    assert_int_equal(newer.verdict, UPLOAD_PENDING);
    answer_held(CAUSE_FENCED);
    assert_false(newer.ready);
    assert_int_equal(learns, 2);
    answer_held(BITS_CAUSE_OK);
    client_wait(&newer);
    client_assert_next(&newer, BITS_CAUSE_OK, 9);
    client_release(&newer);
    client_release(&older);
}

/* That it was taken shows only when its row is read again for another reason.
 */
static void a_row_of_a_newer_fence_refuses_waiting_requests(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;

    hold_learns(world);
    client_fragment(&older, world, &id, RANGE(0, 9, 20));
    client_send(&older, 9);
    client_end(&older, BITS_BODY_WHOLE);
    upload_world_take_session(world, &id);
    world->ops.end = refuse_end;
    assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_IO_ERROR);
    client_wait(&older);
    client_assert_answer(&older, CAUSE_FENCED);
    client_fragment(&newer, world, &id, RANGE(9, 12, 20));
    client_send(&newer, 3);
    client_end(&newer, BITS_BODY_WHOLE);
    answer_held(CAUSE_FENCED);
    answer_held(BITS_CAUSE_OK);
    client_wait(&newer);
    client_assert_next(&newer, BITS_CAUSE_OK, 12);
    client_release(&newer);
    client_release(&older);
}

static enum store_when hold_save(struct store_file *file, struct store_op *op)
{
    (void)file;
    assert_null(held);
    held = op;
    return STORE_LATER;
}

/* What was not saved is lost. */
static void a_save_of_an_older_fence_fails_no_newer_fragment(void **state)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = true});
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;

    (void)state;
    held = NULL;
    world->ops.save = hold_save;
    client_fragment(&older, world, &id, RANGE(0, 9, 20));
    client_send(&older, 9);
    client_end(&older, BITS_BODY_WHOLE);
    assert_int_equal(older.verdict, UPLOAD_PENDING);
    upload_world_take_session(world, &id);
    assert_int_equal(upload_fragment(world, &id, RANGE(9, 12, 20), NULL),
                     CAUSE_FENCED);
    client_fragment(&newer, world, &id, RANGE(0, 9, 20));
    client_resume_all(&newer);
    client_send(&newer, 9);
    answer_held(CAUSE_FENCED);
    client_wait(&older);
    client_assert_answer(&older, CAUSE_FENCED);
    client_end(&newer, BITS_BODY_WHOLE);
    assert_int_equal(newer.verdict, UPLOAD_PENDING);
    answer_held(BITS_CAUSE_OK);
    client_wait(&newer);
    client_assert_next(&newer, BITS_CAUSE_OK, 9);
    client_release(&newer);
    client_release(&older);
    upload_world_free(world);
}

/* --- the store writes the row -------------------------------------------- */

static struct store_session *written;
static struct store_op *find;
static char half[] = "half";

/* As far as a store may have come before it answers. */
static enum store_when write_half(struct store *store,
                                  const struct bits_guid *id,
                                  struct store_session *ret_session,
                                  struct store_op *op)
{
    (void)store;
    (void)id;
    ret_session->state = STORE_DONE;
    ret_session->prefix = half;
    written = ret_session;
    find = op;
    return STORE_LATER;
}

static void refuse_find(void)
{
    *written = (struct store_session){.prefix = NULL};
    find->outcome = cause_outcome(BITS_CAUSE_IO_ERROR);
    find->fault.text[0] = '\0';
    find->done(find);
}

/* The row is read while a save() runs; then a second client waits for another
 * one. */
static void begin_to_read(struct upload_world *world,
                          const struct upload_id *id,
                          struct upload_client *second)
{
    struct upload_client cancel;

    client_fragment(second, world, id, RANGE(15, 20, 20));
    assert_int_equal(second->verdict, UPLOAD_PENDING);
    world->ops.end = refuse_end;
    world->ops.find = write_half;
    client_cancel(&cancel, world, id);
    client_resume_all(&cancel);
    client_assert_answer(&cancel, BITS_CAUSE_IO_ERROR);
    client_release(&cancel);
}

static void a_save_ends_while_the_store_writes_the_row(void **state)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = true});
    struct upload_id id = upload_create(world, "file");
    struct upload_client first;
    struct upload_client second;

    (void)state;
    world->later = "save";
    client_fragment(&first, world, &id, RANGE(0, 9, 20));
    client_send(&first, 9);
    client_end(&first, BITS_BODY_WHOLE);
    begin_to_read(world, &id, &second);
    assert_int_equal(upload_world_answer(world), 1);
    client_resume_all(&first);
    client_assert_next(&first, BITS_CAUSE_OK, 9);
    client_resume_all(&second);
    client_assert_answer(&second, BITS_CAUSE_RANGE_GAP);
    assert_false(second.request.answer.has_next);
    refuse_find();
    client_release(&second);
    client_release(&first);
    upload_world_free(world);
}

static unsigned failures;

static void count_failures(struct log_sink *sink, const struct log_event *event)
{
    (void)sink;
    if (strcmp(event->event, "failed") != 0) {
        return;
    }
    failures++;
    for (size_t i = 0; i < event->field_count; i++) {
        assert_string_not_equal(event->fields[i].key, "path");
    }
}

/* The client has gone: the failure is logged, without what is half written. */
static void a_save_fails_while_the_store_writes_the_row(void **state)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = true});
    struct upload_id id = upload_create(world, "file");
    struct upload_client first;
    struct upload_client second;

    (void)state;
    held = NULL;
    failures = 0;
    world->ops.save = hold_save;
    client_fragment(&first, world, &id, RANGE(0, 9, 20));
    client_send(&first, 9);
    client_end(&first, BITS_BODY_WHOLE);
    begin_to_read(world, &id, &second);
    client_release(&second);
    client_release(&first);
    world->log.write = count_failures;
    answer_held(BITS_CAUSE_IO_ERROR);
    assert_int_equal(failures, 1);
    refuse_find();
    upload_world_free(world);
}

/* --- the file is closed -------------------------------------------------- */

static void a_cancel_comes_while_the_store_saves(void **state)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = true});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    (void)state;
    world->later = "save";
    client_fragment(&client, world, &id, RANGE(0, 9, 20));
    client_send_last(&client, 9);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_OK);
    client_expect_answer(&client, BITS_CAUSE_SESSION_UNKNOWN);
    upload_world_free(world);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, upload_world_setup,                  \
                                    upload_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_commit_fails_while_the_store_takes_bytes),
        TEST(a_commit_fails_while_the_store_opens_the_file),
        TEST(a_commit_ends_while_the_row_is_read_again),
        TEST(a_commit_of_an_older_fence_fails_no_newer_fragment),
        TEST(a_row_of_a_newer_fence_refuses_waiting_requests),
        cmocka_unit_test(a_save_of_an_older_fence_fails_no_newer_fragment),
        cmocka_unit_test(a_save_ends_while_the_store_writes_the_row),
        cmocka_unit_test(a_save_fails_while_the_store_writes_the_row),
        cmocka_unit_test(a_cancel_comes_while_the_store_saves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
