/*
 * tests/contract/parallel_test.c: many sessions at once; best run under
 * ThreadSanitizer.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include <uv.h>

#define THREADS 8
#define UPLOADS 20

struct client {
    struct world world; /* a view of the shared store */
    unsigned number;
    uv_thread_t thread;
};

static struct bits_guid id_of(const struct client *client, unsigned upload)
{
    return world_id(client->number * 0x10000u + upload);
}

/* Two fragments, the delivery, Close or Cancel. */
static void upload(struct client *client, unsigned number)
{
    struct world *world = &client->world;
    struct bits_guid id = id_of(client, number);
    uint64_t total = 5000 + 1000 * (uint64_t)number;
    struct store_session session;
    struct store_file *file;
    uint64_t stored;
    char name[64];

    (void)snprintf(name, sizeof(name), "%u-%u", client->number, number);
    assert_int_equal(world_create(world, id, name, "user"), BITS_CAUSE_OK);
    session = world_row(world, id);
    session.fragment_seen = true;
    session.total_known = true;
    session.total = total;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, 0, 4321, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 4321);
    assert_int_equal(world_store(world, file, 4321, total, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    if (number % 4 != 3) {
        assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
        world_assert_file(world, name, total);
    }
    world->ops->file_close(file);
    if (number % 2) {
        assert_int_equal(
            world_end(world, &session,
                      (struct store_ending){.by = BITS_PACKET_CANCEL_SESSION}),
            BITS_CAUSE_OK);
    }
    store_session_done(&session);
}

static void run_client(void *argument)
{
    struct client *client = argument;

    for (unsigned i = 0; i < UPLOADS; i++) {
        upload(client, i);
    }
}

static void many_sessions_at_once_do_not_disturb_each_other(void **state)
{
    struct world *world = *state;
    struct client clients[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        clients[i].world = *world;
        clients[i].number = i;
        assert_int_equal(
            uv_thread_create(&clients[i].thread, run_client, &clients[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(uv_thread_join(&clients[i].thread), 0);
    }
    assert_int_equal(world_count(world), THREADS * UPLOADS / 2);
    assert_int_equal(world_count_files(world, ""), THREADS * UPLOADS * 3 / 4);
    assert_int_equal(world_count_staged(world), 0);
    assert_int_equal(world->troubles, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            many_sessions_at_once_do_not_disturb_each_other, world_setup,
            world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
