/*
 * tests/unit/upload_waiting_test.c: how long, and how many, requests of one
 * session wait for the store.
 */
#include "upload_world.h"

#include "cause/cause.h"

/* However fast the client sends. */
static void check_gap_beside_body(bool write_behind)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = write_behind});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    struct upload_client gap;

    world->later = "append";
    client_fragment(&client, world, &id, RANGE(0, 20, 20));
    client_send(&client, 5);
    client_fragment(&gap, world, &id, RANGE(15, 20, 20));
    assert_int_equal(upload_world_answer(world), 1);
    client_resume(&client);
    client_send(&client, 5);
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client_resume(&gap);
    client_resume_all(&gap);
    client_assert_next(&gap, BITS_CAUSE_RANGE_GAP, 5);
    client_release(&gap);
    assert_false(client.cut);
    client_wait(&client);
    client_send(&client, 10);
    client_wait(&client);
    client_end(&client, BITS_BODY_WHOLE);
    client_wait(&client);
    client_assert_next(&client, BITS_CAUSE_OK, 20);
    client_release(&client);
    upload_world_assert_file(world, "file", 20);
    upload_world_free(world);
}

static void a_gap_waits_for_one_answer_of_the_store(void **state)
{
    (void)state;
    check_gap_beside_body(false);
    check_gap_beside_body(true);
}

/* --- many requests ------------------------------------------------------- */

/* Fragments behind a gap. */
static void gaps_begin(struct upload_client *clients, size_t count,
                       struct upload_world *world, const struct upload_id *id)
{
    for (size_t i = 0; i < count; i++) {
        client_fragment(&clients[i], world, id, RANGE(15, 20, 20));
        assert_int_equal(clients[i].verdict, UPLOAD_PENDING);
    }
}

static void gaps_end(struct upload_client *clients, size_t count, uint64_t next)
{
    for (size_t i = 0; i < count; i++) {
        client_wait(&clients[i]);
        client_assert_next(&clients[i], BITS_CAUSE_RANGE_GAP, next);
        client_release(&clients[i]);
    }
}

static void assert_refused_as_oldest(struct upload_client *client)
{
    assert_true(client->ready);
    client_resume(client);
    client_assert_answer(client, CAUSE_SESSION_BUSY);
    assert_false(client->request.answer.has_next);
    client_release(client);
}

static void the_oldest_of_five_requests_does_not_wait_for_the_row(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client clients[5];

    upload_world_forget(world);
    world->later = "find";
    gaps_begin(clients, 4, world, &id);
    assert_false(clients[0].ready);
    gaps_begin(clients + 4, 1, world, &id);
    assert_refused_as_oldest(&clients[0]);
    assert_false(clients[1].ready);
    gaps_end(clients + 1, 4, 0);
}

/* The newest one takes over, however many wait. */
static void the_oldest_of_five_requests_does_not_wait_for_a_body(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client older;
    struct upload_client newer;
    struct upload_client gaps[4];

    world->later = "append";
    client_fragment(&older, world, &id, RANGE(0, 20, 20));
    client_send(&older, 5);
    gaps_begin(gaps, 4, world, &id);
    assert_false(gaps[0].ready);
    client_fragment(&newer, world, &id, RANGE(0, 20, 20));
    assert_true(older.cut);
    assert_refused_as_oldest(&gaps[0]);
    gaps_end(gaps + 1, 3, 5);
    client_wait(&newer);
    assert_int_equal(newer.verdict, UPLOAD_RECEIVE);
    client_release(&newer);
    client_release(&older);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, upload_world_setup,                  \
                                    upload_world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_waits_for_one_answer_of_the_store),
        TEST(the_oldest_of_five_requests_does_not_wait_for_the_row),
        TEST(the_oldest_of_five_requests_does_not_wait_for_a_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
