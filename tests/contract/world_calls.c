/*
 * tests/contract/world_calls.c: the store's calls as functions that wait; see
 * world.h.
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "cause/cause.h"

static void wake(struct store_op *op)
{
    struct world_call *call = CONTAINER_OF(op, struct world_call, op);
    uv_thread_t self = uv_thread_self();

    if (uv_thread_equal(&self, &call->caller)) {
        fail_msg("done was called on the caller's stack");
    }
    uv_sem_post(&call->done);
}

void world_call_begin(struct world_call *call)
{
    *call =
        (struct world_call){.op = {.done = wake}, .caller = uv_thread_self()};
    assert_int_equal(uv_sem_init(&call->done, 0), 0);
}

void world_called(struct world_call *call, enum store_when when)
{
    if (when == STORE_NOW) {
        uv_sem_post(&call->done);
    }
}

static void answer_all(void *argument)
{
    (void)store_memory_answer(argument, SIZE_MAX);
}

/* A store in memory answers later only when it is told to. */
static void answer_elsewhere(struct world *world)
{
    uv_thread_t thread;

    assert_int_equal(uv_thread_create(&thread, answer_all, world->store), 0);
    assert_int_equal(uv_thread_join(&thread), 0);
}

enum bits_cause world_call_wait(struct world *world, struct world_call *call)
{
    if (uv_sem_trywait(&call->done) != 0) {
        if (world->memory) {
            answer_elsewhere(world);
        }
        uv_sem_wait(&call->done);
    }
    uv_sem_destroy(&call->done);
    world->op = call->op;
    /* The whole outcome, not the cause alone. */
    assert_int_equal(call->op.outcome.status,
                     cause_status(call->op.outcome.cause));
    return call->op.outcome.cause;
}

enum bits_cause world_create(struct world *world, struct bits_guid id,
                             const char *name, const char *user)
{
    struct world_call call;
    struct store_session session = {
        .id = id,
        .prefix = strdup(world->section.prefix),
        .name = strdup(name),
        .user = strdup(user),
        .address = strdup(world->address ? world->address : ""),
        .destination = strdup(world->destination ? world->destination : ""),
        .own_folders = world->own_folders,
        .once_until = world->once_until,
        .delivered_as = strdup(""),
    };
    enum bits_cause cause;

    world_call_begin(&call);
    world_called(&call, world->ops->create(world->place, &session,
                                           world->keeper, &call.op));
    cause = world_call_wait(world, &call);
    store_session_done(&session);
    return cause;
}

enum bits_cause world_find(struct world *world, struct bits_guid id,
                           struct store_session *session)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->find(world->store, &id, session, &call.op));
    return world_call_wait(world, &call);
}

enum bits_cause world_learn(struct world *world, struct store_session *session)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->learn(world->place, session, &call.op));
    return world_call_wait(world, &call);
}

enum bits_cause world_finish(struct world *world, struct store_session *session,
                             struct store_file *file)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call,
                 world->ops->deliver(world->place, session, file, &call.op));
    return world_call_wait(world, &call);
}

enum bits_cause world_record(struct world *world,
                             const struct store_session *session,
                             struct bits_outcome outcome)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call,
                 world->ops->record(world->place, session, &outcome, &call.op));
    return world_call_wait(world, &call);
}

enum bits_cause world_end(struct world *world, struct store_session *session,
                          struct store_ending ending)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call,
                 world->ops->end(world->place, session, &ending, &call.op));
    return world_call_wait(world, &call);
}

size_t world_expired(struct world *world, struct store_session *sessions,
                     size_t max)
{
    struct store_page page = {.sessions = sessions, .max = max};
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->expired(world->place, &page, &call.op));
    assert_int_equal(world_call_wait(world, &call), BITS_CAUSE_OK);
    return page.count;
}

/* The local store looks into one of 256 folders in each step. */
#define SWEEP_STEPS 256

enum bits_cause world_sweep(struct world *world)
{
    enum bits_cause cause = BITS_CAUSE_OK;

    for (unsigned i = 0; i < SWEEP_STEPS && cause == BITS_CAUSE_OK; i++) {
        struct world_call call;

        world_call_begin(&call);
        world_called(&call, world->ops->sweep(world->place, &call.op));
        cause = world_call_wait(world, &call);
    }
    return cause;
}

size_t world_list(struct world *world, struct store_cursor *cursor,
                  struct store_session *sessions, size_t max)
{
    struct store_page page = {.sessions = sessions, .max = max};
    struct world_call call;

    world_call_begin(&call);
    world_called(&call,
                 world->ops->list(world->store, cursor, &page, &call.op));
    assert_int_equal(world_call_wait(world, &call), BITS_CAUSE_OK);
    return page.count;
}

uint64_t world_count(struct world *world)
{
    struct world_call call;
    uint64_t count = UINT64_MAX;

    world_call_begin(&call);
    world_called(&call, world->ops->count(world->store, world->section.prefix,
                                          &count, &call.op));
    assert_int_equal(world_call_wait(world, &call), BITS_CAUSE_OK);
    return count;
}

/* With the fault for the test. */
static enum bits_cause wait_for(struct world *world, struct world_call *call)
{
    enum bits_cause cause = world_call_wait(world, call);

    if (cause != BITS_CAUSE_OK) {
        world->fault = call->op.fault;
    }
    return cause;
}

enum bits_cause world_check_name(struct world *world, struct store_place *place,
                                 const char *name)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->check_name(place, name, world->own_folders,
                                               &call.op));
    return wait_for(world, &call);
}

enum bits_cause world_look(struct world *world, const char *name,
                           bool *ret_found, uint64_t *ret_size)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->look(world->place, name, ret_found,
                                         ret_size, &call.op));
    return wait_for(world, &call);
}

enum bits_cause world_save(struct world *world, struct store_file *file)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->save(file, &call.op));
    return wait_for(world, &call);
}

enum bits_cause world_file_open(struct world *world,
                                struct store_session *session,
                                struct store_file **ret_file,
                                uint64_t *ret_stored)
{
    struct world_call call;
    enum bits_cause cause;

    world_call_begin(&call);
    world_called(&call, world->ops->file_open(world->place, session, ret_file,
                                              &call.op));
    cause = wait_for(world, &call);
    *ret_stored = call.op.stored;
    return cause;
}

enum bits_cause world_begin_at(struct world *world, struct store_file *file,
                               uint64_t stored, uint64_t length)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->begin(file, stored, length, &call.op));
    return wait_for(world, &call);
}

enum bits_cause world_append(struct world *world, struct store_file *file,
                             struct os_bytes bytes, uint64_t *ret_stored)
{
    struct world_call call;
    enum bits_cause cause;

    world_call_begin(&call);
    world_called(&call, world->ops->append(file, bytes, &call.op));
    cause = wait_for(world, &call);
    *ret_stored = call.op.stored;
    return cause;
}
