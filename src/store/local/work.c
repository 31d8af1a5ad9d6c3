/*
 * store/local/work.c: see work.h.
 */
#include "store/local/work.h"

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

void local_complete(struct store_op *op, enum bits_cause cause,
                    const char *detail)
{
    op->outcome = cause_outcome(cause);
    (void)fault_set(&op->fault, "%s", detail ? detail : "");
    op->done(op);
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
