/*
 * tests/unit/upload_later_test.c: the upload service on a store that answers
 * later: the clients are told the same.
 */
#include "upload_world.h"

#include <string.h>

#include "cause/cause.h"

/* --- one call at a time -------------------------------------------------- */

/* An upload in two Fragments, with a row that is loaded again between them.
 * Returns how many calls were answered later. */
static unsigned tell_story(struct upload_world *world)
{
    struct upload_id id = upload_create(world, "file");
    uint64_t next;

    upload_world_forget(world);
    assert_int_equal(upload_fragment(world, &id, RANGE(0, 7, 20), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 7);
    (void)upload_world_answer(world);
    upload_world_forget(world);
    upload_assert_stored(world, &id, 7, 20);
    assert_int_equal(upload_fragment(world, &id, RANGE(5, 20, 20), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 20);
    upload_world_assert_file(world, "file", 20);
    assert_int_equal(upload_close(world, &id), BITS_CAUSE_OK);
    assert_int_equal(upload_close(world, &id), BITS_CAUSE_OK);
    assert_int_equal(store_memory_measure(world->memory).unfinished, 0);
    return world->asked_later;
}

static void each_call_may_be_answered_later(void **state)
{
    static const struct {
        const char *call;
        unsigned least; /* so often in the story */
    } rows[] = {
        {"check_name", 1}, {"create", 1}, {"find", 2},  {"file_open", 2},
        {"begin", 2},      {"append", 7}, {"learn", 1}, {"save", 1},
        {"deliver", 1},    {"end", 1},    {"*", 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct upload_world *world =
            upload_world_new((struct upload_options){.write_behind = true});
        unsigned later;

        world->later = rows[i].call;
        later = tell_story(world);
        if (later < rows[i].least) {
            fail_msg("%s was answered later %u times", rows[i].call, later);
        }
        upload_world_free(world);
    }
}

/* What failed is answered as if it had been at once. */
static void failures_may_come_later(void **state)
{
    static const char *const calls[] = {"check_name", "create", "find",
                                        "file_open",  "begin",  "append",
                                        "deliver",    "end",    "*"};

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct upload_world *world =
            upload_world_new((struct upload_options){0});
        const struct upload_id unknown = {
            "{7DF0354D-249B-430F-820D-3D2A9BEF4931}"};
        struct upload_client client;
        struct upload_id id;
        uint64_t next;

        world->later = calls[i];
        assert_int_equal(upload_cancel(world, &unknown),
                         BITS_CAUSE_SESSION_UNKNOWN);
        id = upload_create(world, "file");
        assert_true(store_memory_put(world->memory, "/", "file",
                                     (struct bits_text){"old", 3}));
        client_create(&client, world, "file");
        client_expect_answer(&client, CAUSE_FILE_EXISTS);
        assert_int_equal(upload_fragment(world, &id, RANGE(0, 9, 9), &next),
                         CAUSE_FILE_EXISTS);
        assert_int_equal(next, 9);
        assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_OK);
        upload_world_free(world);
    }
}

/* --- a body -------------------------------------------------------------- */

static void append_holds_the_client_back(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;
    struct upload_id id;

    upload_start(world, &id, &client, 9, 0);
    world->later = "append";
    client_send(&client, 4);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    assert_false(client.ready);
    assert_int_equal(upload_world_answer(world), 1);
    client_resume(&client);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    client_send(&client, 5);
    client_wait(&client);
    client_end(&client, BITS_BODY_WHOLE);
    client_expect_next(&client, BITS_CAUSE_OK, 9);
    upload_world_assert_file(world, "file", 9);
}

static void clients_are_held_back_at_the_high_water_mark(void **state)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.high_water = 8});
    struct upload_client client;
    struct upload_id id;

    (void)state;
    upload_start(world, &id, &client, 20, 0);
    world->later = "append";
    client_send(&client, 4);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    client_send(&client, 4);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    client_send(&client, 1);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client_wait(&client);
    client_send(&client, 8);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    client_release(&client);
    upload_world_free(world);
}

static void (*settle)(struct store_file *file);
static unsigned settled;

static void count_settle(struct store_file *file)
{
    settled++;
    settle(file);
}

/* The client goes away while the store has not answered `call`. */
static void check_cut(const char *call, uint64_t stored)
{
    struct upload_world *world = upload_world_new((struct upload_options){0});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 3, 20), NULL),
                     BITS_CAUSE_OK);
    upload_world_forget(world);
    world->later = call;
    settle = world->ops.settle;
    world->ops.settle = count_settle;
    settled = 0;
    client_fragment(&client, world, &id, RANGE(3, 20, 20));
    client_resume_all(&client);
    if (strcmp(call, "append") == 0) {
        client_send(&client, 5);
    }
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client_release(&client);
    world->later = NULL;
    assert_int_equal(upload_world_answer(world), 1);
    assert_false(client.ready);
    assert_int_equal(settled, strcmp(call, "begin") == 0 || stored > 3);
    upload_assert_stored(world, &id, stored, 20);
    assert_int_equal(upload_fragment(world, &id, RANGE(stored, 20, 20), NULL),
                     BITS_CAUSE_OK);
    upload_world_assert_file(world, "file", 20);
    upload_world_free(world);
}

static void a_client_may_go_while_the_store_has_not_answered(void **state)
{
    (void)state;
    check_cut("find", 3);
    check_cut("file_open", 3);
    check_cut("begin", 3);
    check_cut("append", 8);
}

/* The client goes away while its answer waits for a commit. */
static void check_gone_before_answer(const char *call)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = true});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    client_fragment(&client, world, &id, RANGE(0, 5, 20));
    client_resume_all(&client);
    world->later = call;
    client_send_last(&client, 5);
    client_resume_all(&client);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client_release(&client);
    assert_int_equal(upload_world_answer(world), 1);
    assert_false(client.ready);
    upload_assert_stored(world, &id, 5, 20);
    upload_world_free(world);
}

static void a_client_may_go_while_its_answer_waits(void **state)
{
    (void)state;
    check_gone_before_answer("learn");
    check_gone_before_answer("save");
}

/* A newer request, which knows of no byte yet, comes while the store has not
 * answered the older one. */
static void check_take_over(const char *call)
{
    struct upload_world *world = upload_world_new((struct upload_options){0});
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;

    world->later = call;
    client_fragment(&older, world, &id, RANGE(0, 20, 20));
    if (strcmp(call, "append") == 0) {
        client_send(&older, 5);
    }
    assert_int_equal(older.verdict, UPLOAD_PENDING);
    client_fragment(&newer, world, &id, RANGE(0, 20, 20));
    assert_int_equal(newer.verdict, UPLOAD_PENDING);
    assert_true(older.cut);
    world->later = NULL;
    assert_int_equal(upload_world_answer(world), 1);
    client_wait(&newer);
    assert_int_equal(newer.verdict, UPLOAD_RECEIVE);
    if (older.ready) {
        client_resume(&older);
        assert_int_equal(older.verdict, UPLOAD_CUT);
    }
    client_release(&older);
    client_send_last(&newer, 20);
    client_expect_next(&newer, BITS_CAUSE_OK, 20);
    upload_world_assert_file(world, "file", 20);
    upload_world_free(world);
}

static void a_newer_request_takes_over_from_one_that_waits(void **state)
{
    (void)state;
    check_take_over("begin");
    check_take_over("append");
}

/* It ends the upload, whichever client sends it. */
static void a_cancel_comes_while_the_store_takes_bytes(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    struct upload_client cancel;

    world->later = "append";
    client_fragment(&client, world, &id, RANGE(0, 20, 20));
    client_send(&client, 5);
    client_cancel(&cancel, world, &id);
    assert_int_equal(cancel.verdict, UPLOAD_PENDING);
    client_wait(&cancel);
    client_assert_answer(&cancel, BITS_CAUSE_OK);
    assert_true(client.cut);
    client_release(&cancel);
    client_release(&client);
    assert_int_equal(store_memory_measure(world->memory).bytes, 0);
}

/* A packet that may not touch the session cuts no request off. */
static void a_gap_does_not_cut_off_the_running_fragment(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    struct upload_client gap;

    world->later = "append";
    client_fragment(&client, world, &id, RANGE(0, 20, 20));
    client_send(&client, 5);
    client_fragment(&gap, world, &id, RANGE(15, 20, 20));
    assert_int_equal(gap.verdict, UPLOAD_PENDING);
    assert_int_equal(upload_world_answer(world), 1);
    client_resume(&gap);
    client_expect_next(&gap, BITS_CAUSE_RANGE_GAP, 5);
    assert_false(client.cut);
    client_resume(&client);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    client_release(&client);
}

static void a_take_over_while_the_store_works_is_logged(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;

    world->later = "begin";
    client_fragment(&older, world, &id, RANGE(0, 20, 20));
    client_fragment(&newer, world, &id, RANGE(0, 20, 20));
    assert_true(older.cut);
    client_wait(&newer);
    assert_int_equal(newer.verdict, UPLOAD_RECEIVE);
    assert_int_equal(world->resumed, 1);
    client_release(&newer);
    client_release(&older);
}

/* --- a session ----------------------------------------------------------- */

static void packets_wait_for_the_row(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client first;
    struct upload_client second;

    upload_world_forget(world);
    world->later = "find";
    client_fragment(&first, world, &id, RANGE(15, 20, 20));
    client_fragment(&second, world, &id, RANGE(16, 20, 20));
    assert_int_equal(upload_world_answer(world), 1);
    client_resume(&first);
    client_wait(&first);
    client_assert_next(&first, BITS_CAUSE_RANGE_GAP, 0);
    client_resume(&second);
    client_wait(&second);
    client_assert_next(&second, BITS_CAUSE_RANGE_GAP, 0);
    client_release(&first);
    client_release(&second);
}

static enum store_when refuse_file_open(struct store_place *place,
                                        struct store_session *session,
                                        struct store_file **ret_file,
                                        struct store_op *op)
{
    (void)place;
    (void)session;
    (void)ret_file;
    op->outcome = cause_outcome(BITS_CAUSE_IO_ERROR);
    op->fault.text[0] = '\0';
    return STORE_NOW;
}

/* The one that asked is refused; the others ask themselves. */
static void a_file_that_cannot_be_opened_refuses_who_asked(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");

    upload_world_forget(world);
    world->ops.file_open = refuse_file_open;
    assert_int_equal(upload_fragment(world, &id, RANGE(0, 5, 20), NULL),
                     BITS_CAUSE_IO_ERROR);
    assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_OK);
}

static void a_create_whose_client_goes_leaves_no_request(void **state)
{
    static const char *const calls[] = {"check_name", "create"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct upload_world *world =
            upload_world_new((struct upload_options){0});
        struct upload_client client;

        world->later = calls[i];
        client_create(&client, world, "file");
        assert_int_equal(client.verdict, UPLOAD_PENDING);
        client_release(&client);
        assert_int_equal(upload_world_answer(world), 1);
        assert_false(client.ready);
        upload_world_free(world);
    }
}

/* --- the end ------------------------------------------------------------- */

static void a_client_may_go_while_the_store_delivers(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    world->later = "deliver";
    client_fragment(&client, world, &id, RANGE(0, 5, 5));
    client_send_last(&client, 5);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client_release(&client);
    assert_int_equal(upload_world_answer(world), 1);
    upload_world_assert_file(world, "file", 5);
    assert_int_equal(upload_close(world, &id), BITS_CAUSE_OK);
}

/* The last Fragment, sent once more while the store delivers. */
static void repeat_last(struct upload_client *client,
                        struct upload_world *world, const struct upload_id *id)
{
    client_fragment(client, world, id, RANGE(0, 5, 5));
    assert_int_equal(client->verdict, UPLOAD_PENDING);
}

static void finish_repeated(struct upload_client *client)
{
    client_wait(client);
    if (client->verdict == UPLOAD_RECEIVE) {
        client_send(client, 5);
        client_end(client, BITS_BODY_WHOLE);
        client_wait(client);
    }
}

static void two_requests_wait_for_a_delivery(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client sender;
    struct upload_client waiters[2];

    world->later = "deliver";
    client_fragment(&sender, world, &id, RANGE(0, 5, 5));
    client_send_last(&sender, 5);
    repeat_last(&waiters[0], world, &id);
    repeat_last(&waiters[1], world, &id);
    assert_int_equal(upload_world_answer(world), 1);
    client_expect_next(&sender, BITS_CAUSE_OK, 5);
    for (int i = 0; i < 2; i++) {
        finish_repeated(&waiters[i]);
        client_assert_next(&waiters[i], BITS_CAUSE_OK, 5);
        client_release(&waiters[i]);
    }
    assert_int_equal(world->asked_later, 1);
}

/* They get its result and do not try again. */
static void a_delivery_that_fails_refuses_those_who_wait(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client sender;
    struct upload_client waiter;

    assert_true(store_memory_put(world->memory, "/", "file",
                                 (struct bits_text){"old", 3}));
    world->later = "deliver";
    client_fragment(&sender, world, &id, RANGE(0, 5, 5));
    client_send_last(&sender, 5);
    repeat_last(&waiter, world, &id);
    assert_int_equal(upload_world_answer(world), 1);
    finish_repeated(&waiter);
    client_assert_next(&waiter, CAUSE_FILE_EXISTS, 5);
    client_wait(&sender);
    client_assert_next(&sender, CAUSE_FILE_EXISTS, 5);
    client_release(&waiter);
    client_release(&sender);
    assert_int_equal(world->asked_later, 1);
}

/* So that a client that sends again and again holds no more connections. */
static void a_fifth_request_does_not_wait_for_a_delivery(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client sender;
    struct upload_client waiters[5];

    world->later = "deliver";
    client_fragment(&sender, world, &id, RANGE(0, 5, 5));
    client_send_last(&sender, 5);
    for (int i = 0; i < 4; i++) {
        repeat_last(&waiters[i], world, &id);
    }
    client_fragment(&waiters[4], world, &id, RANGE(0, 5, 5));
    client_assert_next(&waiters[4], CAUSE_DELIVERY_RUNNING, 5);
    for (int i = 0; i < 5; i++) {
        client_release(&waiters[i]);
    }
    client_expect_next(&sender, BITS_CAUSE_OK, 5);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, upload_world_setup,                  \
                                    upload_world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_may_be_answered_later),
        cmocka_unit_test(failures_may_come_later),
        TEST(append_holds_the_client_back),
        cmocka_unit_test(clients_are_held_back_at_the_high_water_mark),
        cmocka_unit_test(a_client_may_go_while_the_store_has_not_answered),
        cmocka_unit_test(a_client_may_go_while_its_answer_waits),
        cmocka_unit_test(a_newer_request_takes_over_from_one_that_waits),
        TEST(a_cancel_comes_while_the_store_takes_bytes),
        TEST(a_gap_does_not_cut_off_the_running_fragment),
        TEST(a_take_over_while_the_store_works_is_logged),
        TEST(packets_wait_for_the_row),
        TEST(a_file_that_cannot_be_opened_refuses_who_asked),
        cmocka_unit_test(a_create_whose_client_goes_leaves_no_request),
        TEST(a_client_may_go_while_the_store_delivers),
        TEST(two_requests_wait_for_a_delivery),
        TEST(a_delivery_that_fails_refuses_those_who_wait),
        TEST(a_fifth_request_does_not_wait_for_a_delivery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
