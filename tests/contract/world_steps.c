/*
 * tests/contract/world_steps.c: what takes more than one call; see world.h.
 */
#include "world.h"

#define DAY ((int64_t)24 * 3600)
#define HOUR ((int64_t)3600)

static const struct store_ending expiry = {.expiry = true};

void world_start_upload(struct world *world, struct bits_guid id,
                        uint64_t bytes)
{
    struct store_session session = world_session(world, id, "file", 100000);

    world_append_until(world, &session, 0, bytes);
    store_session_done(&session);
}

void world_append_until(struct world *world, struct store_session *session,
                        uint64_t from, uint64_t to)
{
    uint64_t stored;
    struct store_file *file = world_file(world, session, &stored);

    assert_int_equal(stored, from);
    assert_int_equal(world_store(world, file, from, to, WORLD_SETTLE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
}

enum bits_cause world_finish_again(struct world *world, struct bits_guid id)
{
    struct store_session session = world_row(world, id);
    enum bits_cause cause;

    assert_int_equal(session.state, STORE_RETRY);
    cause = world_finish(world, &session, NULL);
    assert_int_equal(session.state,
                     cause == BITS_CAUSE_OK ? STORE_DONE : STORE_RETRY);
    store_session_done(&session);
    return cause;
}

void world_cancel(struct world *world, struct bits_guid id)
{
    struct store_session session = world_row(world, id);
    struct store_ending ending = {.by = BITS_PACKET_CANCEL_SESSION};

    assert_int_equal(world_end(world, &session, ending), BITS_CAUSE_OK);
    store_session_done(&session);
}

void world_assert_alive(struct world *world, struct bits_guid id)
{
    struct store_session session;

    assert_int_equal(world_expired(world, &session, 1), 0);
    session = world_row(world, id);
    assert_int_equal(world_end(world, &session, expiry),
                     BITS_CAUSE_SESSION_UNKNOWN);
    store_session_done(&session);
    session = world_row(world, id);
    assert_true(store_is_live(session.state));
    store_session_done(&session);
}

void world_assert_over(struct world *world, struct bits_guid id)
{
    struct store_session session;

    assert_int_equal(world_find(world, id, &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(world_expired(world, &session, 1), 1);
    assert_true(bits_guid_equal(&session.id, &id));
    assert_int_equal(world_end(world, &session, expiry), BITS_CAUSE_OK);
    store_session_done(&session);
    assert_int_equal(world_find(world, id, &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    assert_int_equal(world_expired(world, &session, 1), 0);
    assert_int_equal(world_count(world), 0);
    assert_int_equal(world_count_staged(world), 0);
}

void world_start_hour(struct world *world)
{
    assert_int_equal(world_create(world, world_id(1), "a", ""), BITS_CAUSE_OK);
    world_pass(world, HOUR);
    world_assert_alive(world, world_id(1));
}

void world_assert_has_the_rest(struct world *world)
{
    world_pass(world, DAY * 9 / 8 - HOUR - 1);
    world_assert_alive(world, world_id(1));
    world_pass(world, 1);
    world_assert_over(world, world_id(1));
}
