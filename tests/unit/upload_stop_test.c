/*
 * tests/unit/upload_stop_test.c: a service that stops says which calls of the
 * store it waits for.
 */
#include "upload_world.h"

#include <stdio.h>
#include <string.h>

static unsigned unanswered;
static char unanswered_call[64];

static void note_unanswered(struct log_sink *sink,
                            const struct log_event *event)
{
    (void)sink;
    if (strcmp(event->event, "unanswered") != 0) {
        return;
    }
    unanswered++;
    for (size_t i = 0; i < event->field_count; i++) {
        const struct log_field *field = &event->fields[i];

        if (strcmp(field->key, "call") == 0) {
            (void)snprintf(unanswered_call, sizeof(unanswered_call), "%.*s",
                           (int)field->text.len, field->text.ptr);
        }
    }
}

/* The client is gone; the service would wait for the call. */
static void check_named(const char *call, const char *name)
{
    struct upload_world *world =
        upload_world_new((struct upload_options){.write_behind = true});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    bool delivers = strcmp(call, "deliver") == 0;

    upload_world_forget(world);
    world->log.write = note_unanswered;
    unanswered = 0;
    upload_service_say_waiting(world->service);
    assert_int_equal(unanswered, 0);
    world->later = call;
    client_fragment(&client, world, &id, RANGE(0, 9, delivers ? 9 : 20));
    client_resume_all(&client);
    if (client.verdict == UPLOAD_RECEIVE) {
        client_send(&client, 9);
    }
    if (client.verdict == UPLOAD_RECEIVE) {
        client_end(&client, BITS_BODY_WHOLE);
        client_resume_all(&client);
    }
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client_release(&client);
    upload_service_say_waiting(world->service);
    assert_int_equal(unanswered, 1);
    assert_string_equal(unanswered_call, name);
    upload_world_free(world);
}

static void a_stop_names_what_it_waits_for(void **state)
{
    (void)state;
    check_named("find", "reading the row");
    check_named("file_open", "opening the data file");
    check_named("begin", "storing bytes");
    check_named("append", "storing bytes");
    check_named("learn", "committing the row");
    check_named("save", "saving bytes");
    check_named("deliver", "delivering");
}

static void a_stop_names_a_session_that_is_made(void **state)
{
    struct upload_world *world = *state;
    struct upload_client client;

    world->log.write = note_unanswered;
    unanswered = 0;
    world->later = "create";
    client_create(&client, world, "file");
    client_release(&client);
    upload_service_say_waiting(world->service);
    assert_int_equal(unanswered, 1);
    assert_string_equal(unanswered_call, "making or releasing the session");
}

static void a_stop_names_housekeeping(void **state)
{
    struct upload_world *world = *state;

    world->log.write = note_unanswered;
    unanswered = 0;
    world->later = "*";
    upload_service_housekeep(world->service);
    upload_service_say_waiting(world->service);
    assert_int_equal(unanswered, 1);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, upload_world_setup,                  \
                                    upload_world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_names_what_it_waits_for),
        TEST(a_stop_names_a_session_that_is_made),
        TEST(a_stop_names_housekeeping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
