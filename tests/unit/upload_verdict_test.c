/*
 * tests/unit/upload_verdict_test.c: what the upload service says to each packet
 * of a session, on a store that answers at once.
 */
#include "upload_world.h"

#include <string.h>

static void a_ping_is_answered(void **state)
{
    struct upload_client client;

    client_ping(&client, *state);
    client_assert_answer(&client, BITS_CAUSE_OK);
    client_release(&client);
}

static void a_create_makes_a_session(void **state)
{
    struct upload_world *world = *state;
    struct upload_id first = upload_create(world, "file");
    struct upload_id second = upload_create(world, "file");

    assert_string_not_equal(first.text, second.text);
}

static void a_create_for_a_file_that_exists_is_refused(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;

    assert_true(store_memory_put(world->memory, "/", "file",
                                 (struct bits_text){"old", 3}));
    client_create(&client, world, "file");
    client_expect_answer(&client, CAUSE_FILE_EXISTS);
    assert_int_equal(world->refused, 1);
}

static void a_create_is_refused_while_the_section_drains(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;

    world->config->uploads[0].enabled = CONFIG_ENABLED_DRAIN;
    client_create(&client, world, "file");
    client_expect_answer(&client, CAUSE_DRAINING);
}

static void fragments_are_received_and_the_last_one_delivers(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;

    client_fragment(&client, world, &id, RANGE(0, 4, 10));
    client_wait(&client);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    assert_int_equal(upload_body_limit(&client.request), 4);
    client_send(&client, 1);
    client_send(&client, 3);
    assert_int_equal(client.verdict, UPLOAD_RECEIVE);
    client_end(&client, BITS_BODY_WHOLE);
    client_expect_next(&client, BITS_CAUSE_OK, 4);

    client_fragment(&client, world, &id, RANGE(4, 10, 10));
    client_wait(&client);
    client_send_last(&client, 6);
    client_expect_next(&client, BITS_CAUSE_OK, 10);
    upload_world_assert_file(world, "file", 10);
    assert_int_equal(upload_close(world, &id), BITS_CAUSE_OK);
    assert_int_equal(upload_close(world, &id), BITS_CAUSE_OK);
}

static void bytes_that_are_stored_already_are_skipped(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    uint64_t next;

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 6, 10), NULL),
                     BITS_CAUSE_OK);
    assert_int_equal(upload_fragment(world, &id, RANGE(4, 10, 10), &next),
                     BITS_CAUSE_OK);
    assert_int_equal(next, 10);
    upload_world_assert_file(world, "file", 10);
}

static void a_gap_is_refused_with_the_offset(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 3, 10), NULL),
                     BITS_CAUSE_OK);
    upload_assert_stored(world, &id, 3, 10);
}

/* Whatever was sent until then counts. */
static void a_body_that_is_cut_keeps_its_bytes(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;
    struct upload_id id;

    upload_start(world, &id, &client, 10, 7);
    client_end(&client, BITS_BODY_CUT);
    assert_int_equal(client.verdict, UPLOAD_CUT);
    client_release(&client);
    upload_assert_stored(world, &id, 7, 10);
    upload_world_forget(world);
    upload_assert_stored(world, &id, 7, 10);
}

/* A release in mid-body is a cut. */
static void a_released_request_keeps_its_bytes(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;
    struct upload_id id;

    upload_start(world, &id, &client, 10, 5);
    client_release(&client);
    upload_assert_stored(world, &id, 5, 10);
}

/* D-48 */
static void a_short_body_is_refused_with_the_offset(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;
    struct upload_id id;

    upload_start(world, &id, &client, 10, 5);
    client_end(&client, BITS_BODY_SHORT);
    client_expect_next(&client, BITS_CAUSE_RANGE_LENGTH, 5);
}

static void the_newest_request_takes_over(void **state)
{
    struct upload_world *world = *state;
    struct upload_client older;
    struct upload_id id;
    struct upload_client newer;

    upload_start(world, &id, &older, 10, 4);
    client_fragment(&newer, world, &id, RANGE(4, 10, 10));
    client_wait(&newer);
    assert_true(older.cut);
    assert_int_equal(newer.verdict, UPLOAD_RECEIVE);
    client_send(&older, 3);
    assert_int_equal(older.verdict, UPLOAD_CUT);
    client_release(&older);
    client_send_last(&newer, 6);
    client_expect_next(&newer, BITS_CAUSE_OK, 10);
    upload_world_assert_file(world, "file", 10);
}

static void a_cancel_discards_the_upload(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 3, 10), NULL),
                     BITS_CAUSE_OK);
    assert_int_equal(store_memory_measure(world->memory).unfinished, 1);
    assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_OK);
    assert_int_equal(store_memory_measure(world->memory).bytes, 0);
    assert_int_equal(upload_fragment(world, &id, RANGE(3, 10, 10), NULL),
                     BITS_CAUSE_SESSION_UNKNOWN);
}

static void a_close_without_a_fragment_delivers_an_empty_file(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");

    assert_int_equal(upload_close(world, &id), BITS_CAUSE_OK);
    upload_world_assert_file(world, "file", 0);
}

static void a_session_that_never_was_is_unknown(void **state)
{
    struct upload_world *world = *state;
    const struct upload_id id = {"{7DF0354D-249B-430F-820D-3D2A9BEF4931}"};

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 3, 10), NULL),
                     BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(upload_cancel(world, &id), BITS_CAUSE_SESSION_UNKNOWN);
}

static void a_delivery_that_failed_is_tried_again(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");
    uint64_t next;

    assert_true(store_memory_put(world->memory, "/", "file",
                                 (struct bits_text){"old", 3}));
    assert_int_equal(upload_fragment(world, &id, RANGE(0, 10, 10), &next),
                     CAUSE_FILE_EXISTS);
    assert_int_equal(next, 10);
    assert_true(store_memory_remove(world->memory, "/", "file"));
    assert_int_equal(upload_fragment(world, &id, RANGE(0, 10, 10), &next),
                     BITS_CAUSE_OK);
    upload_world_assert_file(world, "file", 10);
}

static void housekeeping_ends_expired_sessions(void **state)
{
    struct upload_world *world = *state;
    struct upload_id id = upload_create(world, "file");

    assert_int_equal(upload_fragment(world, &id, RANGE(0, 3, 10), NULL),
                     BITS_CAUSE_OK);
    upload_world_forget(world);
    world->running += 365 * 24 * 3600;
    for (int step = 0; step < 3; step++) {
        upload_service_housekeep(world->service);
    }
    assert_int_equal(store_memory_measure(world->memory).bytes, 0);
    assert_int_equal(upload_close(world, &id), BITS_CAUSE_SESSION_UNKNOWN);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, upload_world_setup,                  \
                                    upload_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_ping_is_answered),
        TEST(a_create_makes_a_session),
        TEST(a_create_for_a_file_that_exists_is_refused),
        TEST(a_create_is_refused_while_the_section_drains),
        TEST(fragments_are_received_and_the_last_one_delivers),
        TEST(bytes_that_are_stored_already_are_skipped),
        TEST(a_gap_is_refused_with_the_offset),
        TEST(a_body_that_is_cut_keeps_its_bytes),
        TEST(a_released_request_keeps_its_bytes),
        TEST(a_short_body_is_refused_with_the_offset),
        TEST(the_newest_request_takes_over),
        TEST(a_cancel_discards_the_upload),
        TEST(a_close_without_a_fragment_delivers_an_empty_file),
        TEST(a_session_that_never_was_is_unknown),
        TEST(a_delivery_that_failed_is_tried_again),
        TEST(housekeeping_ends_expired_sessions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
