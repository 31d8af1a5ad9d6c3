/*
 * tests/unit/upload_outcome_test.c: what a call of the store ends with reaches
 * the client as it is, and a session that another server took is loaded again.
 */
#include "upload_world.h"

#include <stdlib.h>

#include "cause/cause.h"

/* --- an outcome of its own ----------------------------------------------- */

/* As an application says no to a file: docs/protocol.md, context 0x7. */
static const struct bits_outcome own = {.cause = BITS_CAUSE_NO_RIGHT,
                                        .status = 418,
                                        .hresult = 0x80041234,
                                        .context = 7,
                                        .retry_after = 30};

static enum store_when refuse_delivery(struct store_place *place,
                                       struct store_session *session,
                                       struct store_file *file,
                                       struct store_op *op)
{
    (void)place;
    (void)file;
    session->state = STORE_RETRY;
    op->outcome = own;
    op->stored = session->total;
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

static void assert_own(const struct bits_outcome *outcome)
{
    assert_int_equal(outcome->cause, own.cause);
    assert_int_equal(outcome->status, own.status);
    assert_int_equal(outcome->hresult, own.hresult);
    assert_int_equal(outcome->context, own.context);
    assert_int_equal(outcome->retry_after, own.retry_after);
}

static void the_outcome_of_a_delivery_is_the_answer(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    world->ops.deliver = refuse_delivery;
    client_fragment(&client, world, &id, RANGE(0, 5, 5));
    client_send_last(&client, 5);
    client_wait(&client);
    client_assert_next(&client, own.cause, 5);
    assert_own(&client.request.answer.outcome);
    client_release(&client);
}

static enum store_when refuse_append(struct store_file *file,
                                     struct os_bytes bytes, struct store_op *op)
{
    (void)file;
    (void)bytes;
    op->outcome = own;
    op->stored = 0;
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

static void the_outcome_of_an_append_is_the_answer(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    world->ops.append = refuse_append;
    client_fragment(&client, world, &id, RANGE(0, 5, 10));
    client_send(&client, 5);
    client_wait(&client);
    client_assert_next(&client, own.cause, 0);
    assert_own(&client.request.answer.outcome);
    client_release(&client);
}

static enum store_when refuse_begin(struct store_file *file, uint64_t stored,
                                    uint64_t length, struct store_op *op)
{
    (void)file;
    (void)stored;
    (void)length;
    op->outcome = own;
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

/* The file is opened again, now or later, to see what it has. */
static void check_begin(const char *later)
{
    struct upload_world *world = upload_world_new((struct upload_options){0});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    world->later = later;
    world->ops.begin = refuse_begin;
    client_fragment(&client, world, &id, RANGE(0, 5, 10));
    client_wait(&client);
    client_assert_next(&client, own.cause, 0);
    assert_own(&client.request.answer.outcome);
    client_release(&client);
    upload_world_free(world);
}

static void the_outcome_of_a_begin_is_the_answer(void **state)
{
    (void)state;
    check_begin(NULL);
    check_begin("file_open");
    check_begin("*");
}

static enum store_when refuse_name(struct store_place *place, const char *name,
                                   uint64_t own_folders, struct store_op *op)
{
    (void)place;
    (void)name;
    (void)own_folders;
    op->outcome = own;
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

static void the_outcome_of_a_name_is_the_answer(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;

    world->ops.check_name = refuse_name;
    client_create(&client, world, "file");
    client_wait(&client);
    client_assert_answer(&client, own.cause);
    assert_own(&client.request.answer.outcome);
    client_release(&client);
}

/* --- another server ------------------------------------------------------ */

static void check_fenced(const char *call, uint64_t to, uint64_t total)
{
    struct upload_world *world = upload_world_new((struct upload_options){0});
    struct upload_id id = upload_create(world, "file");
    uint64_t next;

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 4, total), NULL),
                     BITS_CAUSE_OK);
    world->later = call;
    upload_world_take_session(world, &id);
    assert_int_equal(upload_fragment(world, &id, RANGE(4, to, total), NULL),
                     CAUSE_FENCED);
    assert_int_equal(upload_fragment(world, &id, RANGE(4, to, total), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, to);
    upload_world_free(world);
}

/* The row is still in memory when the packet comes. */
static void a_session_that_another_server_took_is_loaded_again(void **state)
{
    (void)state;
    check_fenced(NULL, 7, 20);
    check_fenced("*", 7, 20);
}

/* Another request, which was cut off, keeps the session in memory. */
static void check_fenced_beside(const char *call)
{
    struct upload_world *world = upload_world_new((struct upload_options){0});
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;
    uint64_t next;

    client_fragment(&older, world, &id, RANGE(0, 20, 20));
    client_send(&older, 4);
    client_fragment(&newer, world, &id, RANGE(4, 20, 20));
    client_wait(&newer);
    assert_true(older.cut);
    upload_world_take_session(world, &id);
    world->later = call;
    client_send(&newer, 4);
    client_wait(&newer);
    client_assert_answer(&newer, CAUSE_FENCED);
    assert_false(newer.request.answer.has_next);
    client_release(&newer);
    assert_int_equal(upload_fragment(world, &id, RANGE(4, 20, 20), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 20);
    client_release(&older);
    upload_world_assert_file(world, "file", 20);
    upload_world_free(world);
}

static void a_session_in_use_is_loaded_again(void **state)
{
    (void)state;
    check_fenced_beside(NULL);
    check_fenced_beside("find");
    check_fenced_beside("append");
    check_fenced_beside("*");
}

/* The same; what is fenced is the delivery. */
static void a_delivery_beside_another_request_is_made_again(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;
    uint64_t next;

    client_fragment(&older, world, &id, RANGE(0, 5, 5));
    client_fragment(&newer, world, &id, RANGE(0, 5, 5));
    client_send(&newer, 5);
    upload_world_take_session(world, &id);
    client_end(&newer, BITS_BODY_WHOLE);
    client_expect_answer(&newer, CAUSE_FENCED);
    assert_int_equal(upload_fragment(world, &id, RANGE(0, 5, 5), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 5);
    client_release(&older);
    upload_world_assert_file(world, "file", 5);
}

/* The same; what is fenced is a commit that runs beside the body. */
static void a_commit_beside_the_body_is_made_again(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;
    uint64_t next;

    client_fragment(&older, world, &id, RANGE(0, 20, 20));
    world->later = "learn";
    client_fragment(&newer, world, &id, RANGE(0, 20, 20));
    client_send(&newer, 5);
    assert_int_equal(world->asked_later, 1);
    upload_world_take_session(world, &id);
    world->later = NULL;
    assert_int_equal(upload_world_answer(world), 1);
    client_end(&newer, BITS_BODY_CUT);
    client_release(&newer);
    assert_int_equal(upload_fragment(world, &id, RANGE(5, 20, 20), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 20);
    client_release(&older);
    upload_world_assert_file(world, "file", 20);
}

static void a_take_over_by_another_server_ends_the_body(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    uint64_t next;

    client_fragment(&client, world, &id, RANGE(0, 20, 20));
    client_wait(&client);
    client_send(&client, 4);
    upload_world_take_session(world, &id);
    client_send(&client, 4);
    client_expect_answer(&client, CAUSE_FENCED);
    assert_int_equal(upload_fragment(world, &id, RANGE(4, 20, 20), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 20);
    upload_world_assert_file(world, "file", 20);
}

static void a_take_over_before_the_delivery_delivers_nothing(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    uint64_t next;

    client_fragment(&client, world, &id, RANGE(0, 5, 5));
    client_wait(&client);
    client_send(&client, 5);
    upload_world_take_session(world, &id);
    client_end(&client, BITS_BODY_WHOLE);
    client_expect_answer(&client, CAUSE_FENCED);
    assert_int_equal(store_memory_measure(world->memory).delivered, 0);
    assert_int_equal(upload_fragment(world, &id, RANGE(0, 5, 5), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 5);
    upload_world_assert_file(world, "file", 5);
}

static void a_take_over_before_a_cancel_ends_nothing(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 4, 20), NULL),
                     BITS_CAUSE_OK);
    upload_world_take_session(world, &id);
    assert_int_equal(upload_cancel(world, &id), CAUSE_FENCED);
    assert_int_equal(store_memory_measure(world->memory).bytes, 4);
    assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_OK);
    assert_int_equal(store_memory_measure(world->memory).bytes, 0);
}

/* Another request cuts off a writer whose session was taken. */
static void a_take_over_of_a_fenced_body_is_logged(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;

    world->later = "learn";
    client_fragment(&older, world, &id, RANGE(0, 20, 20));
    client_send(&older, 5);
    upload_world_take_session(world, &id);
    assert_int_equal(upload_world_answer(world), 1);
    client_fragment(&newer, world, &id, RANGE(5, 20, 20));
    client_wait(&newer);
    assert_true(older.cut);
    assert_int_equal(newer.verdict, UPLOAD_RECEIVE);
    assert_int_equal(world->resumed, 1);
    client_release(&newer);
    client_release(&older);
}

/* Whether the other server delivered is in the row. */
static void who_waits_for_a_fenced_delivery_is_planned_again(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client sender;
    struct upload_client waiter;

    world->later = "deliver";
    client_fragment(&sender, world, &id, RANGE(0, 5, 5));
    client_send(&sender, 5);
    client_end(&sender, BITS_BODY_WHOLE);
    client_fragment(&waiter, world, &id, RANGE(0, 5, 5));
    upload_world_take_session(world, &id);
    world->later = NULL;
    assert_int_equal(upload_world_answer(world), 1);
    client_wait(&sender);
    client_assert_answer(&sender, CAUSE_FENCED);
    client_release(&sender);
    client_wait(&waiter);
    client_send(&waiter, 5);
    client_end(&waiter, BITS_BODY_WHOLE);
    client_wait(&waiter);
    client_assert_next(&waiter, BITS_CAUSE_OK, 5);
    client_release(&waiter);
    upload_world_assert_file(world, "file", 5);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, upload_world_setup,                  \
                                    upload_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_outcome_of_a_delivery_is_the_answer),
        TEST(the_outcome_of_an_append_is_the_answer),
        cmocka_unit_test(the_outcome_of_a_begin_is_the_answer),
        TEST(the_outcome_of_a_name_is_the_answer),
        cmocka_unit_test(a_session_that_another_server_took_is_loaded_again),
        cmocka_unit_test(a_session_in_use_is_loaded_again),
        TEST(a_delivery_beside_another_request_is_made_again),
        TEST(a_commit_beside_the_body_is_made_again),
        TEST(a_take_over_by_another_server_ends_the_body),
        TEST(a_take_over_before_the_delivery_delivers_nothing),
        TEST(a_take_over_before_a_cancel_ends_nothing),
        TEST(a_take_over_of_a_fenced_body_is_logged),
        TEST(who_waits_for_a_fenced_delivery_is_planned_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
