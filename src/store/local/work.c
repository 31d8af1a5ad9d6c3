/*
 * store/local/work.c: see work.h.
 */
#include "store/local/work.h"

#include <stdlib.h>

#include "base/compiler.h"

void local_enter(struct local_store *store, struct store_place *place)
{
    uv_mutex_lock(&store->mutex);
    (*(place ? &place->busy : &store->busy))++;
    uv_mutex_unlock(&store->mutex);
}

void local_leave(struct local_store *store, struct store_place *place)
{
    size_t *busy = place ? &place->busy : &store->busy;

    uv_mutex_lock(&store->mutex);
    if (--*busy == 0) {
        uv_cond_broadcast(&store->idle);
    }
    uv_mutex_unlock(&store->mutex);
}

/* A finished call may leave a deferred row.  Flush it while closing. */
#define HURRY_NS 10000000u

void local_wait_until_idle(struct local_store *store, const size_t *busy)
{
    while (*busy > 0) {
        index_hurry(store->index);
        (void)uv_cond_timedwait(&store->idle, &store->mutex, HURRY_NS);
    }
}

static void complete(struct store_op *op, struct bits_outcome outcome,
                     const char *detail)
{
    op->outcome = outcome;
    (void)fault_set(&op->fault, "%s", detail ? detail : "");
    op->done(op);
}

void local_complete(struct store_op *op, enum bits_cause cause,
                    const char *detail)
{
    complete(op, cause_outcome(cause), detail);
}

enum store_when local_answer(struct store_op *op, enum bits_cause cause)
{
    op->outcome = cause_outcome(cause);
    return STORE_NOW;
}

enum store_when local_refuse(struct store_op *op)
{
    (void)fault_set(&op->fault, "no memory");
    return local_answer(op, CAUSE_OVERLOADED);
}

void local_trouble(struct local_store *store, enum bits_cause cause,
                   const char *detail)
{
    if (store->trouble) {
        store->trouble(store->context, cause, detail);
    }
}

void local_call_end(struct local_call *call, enum bits_cause cause,
                    const char *detail)
{
    struct local_store *store = call->store;
    struct store_place *place = call->place;
    struct bits_outcome outcome = cause_outcome(cause);

    if (cause == CAUSE_QUOTA_USED_UP) {
        outcome.retry_after = call->retry_after;
    }
    if (call->op) {
        complete(call->op, outcome, detail);
    } else if (cause != BITS_CAUSE_OK) {
        local_trouble(store, cause, detail);
    }
    local_leave(store, place);
    free(call);
}

static void row_done(struct index_job *job)
{
    local_call_end(CONTAINER_OF(job, struct local_call, row), job->cause,
                   job->detail);
}

enum store_when local_call_row(struct local_call *call)
{
    if (!call->row.done) {
        call->row.done = row_done;
    }
    local_enter(call->store, call->place);
    index_submit(call->store->index, &call->row);
    return STORE_LATER;
}

enum store_when local_call_work(struct local_call *call)
{
    local_enter(call->store, call->place);
    workers_submit(call->store->workers, &call->work);
    return STORE_LATER;
}

void local_warn(struct local_store *store, const char *event, const char *words)
{
    if (store->warning) {
        store->warning(store->context, event, words);
    }
}

int64_t local_now(const struct local_store *store)
{
    return store->clock->wall(store->clock->context);
}
