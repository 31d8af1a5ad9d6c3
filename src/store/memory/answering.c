/*
 * store/memory/answering.c: see answering.h.
 */
#include "store/memory/answering.h"

#include <stdlib.h>

#include "cause/cause.h"

enum bits_cause memory_fail(struct memory_call *call, enum bits_cause cause,
                            const char *detail)
{
    return cause_fault(&call->op->fault, cause, "%s", detail);
}

static void carry_out(struct memory_call *call)
{
    struct store_memory *memory = call->store->memory;

    call->op->fault.text[0] = '\0';
    uv_mutex_lock(&memory->mutex);
    call->op->outcome = cause_outcome(call->run(call));
    call->op->outcome.retry_after = call->retry_after;
    uv_mutex_unlock(&memory->mutex);
}

/* --- later --------------------------------------------------------------- */

static enum store_when when_of(struct memory_call *call)
{
    struct memory_store *store = call->store;
    const struct store_memory_options *options = &store->options;
    enum store_when when =
        options->when ? options->when(options->context, call->name) : STORE_NOW;

    if (when == STORE_LATER && call->weight > 0) {
        uv_mutex_lock(&store->memory->mutex);
        store->unanswered += call->weight;
        when = store->unanswered <= options->high_water ? STORE_NOW : when;
        uv_mutex_unlock(&store->memory->mutex);
    }
    return when;
}

static void put_last(struct memory_call *call)
{
    struct memory_store *store = call->store;

    uv_mutex_lock(&store->memory->mutex);
    if (store->last_call) {
        store->last_call->next = call;
    } else {
        store->first_call = call;
    }
    store->last_call = call;
    store->busy++;
    if (call->place) {
        call->place->busy++;
    }
    uv_mutex_unlock(&store->memory->mutex);
}

static struct memory_call *take_first(struct memory_store *store)
{
    struct memory_call *call;

    uv_mutex_lock(&store->memory->mutex);
    store->unanswered = 0;
    call = store->first_call;
    if (call) {
        store->first_call = call->next;
        store->last_call = call->next ? store->last_call : NULL;
    }
    uv_mutex_unlock(&store->memory->mutex);
    return call;
}

static void leave(struct memory_store *store, struct store_place *place)
{
    uv_mutex_lock(&store->memory->mutex);
    store->busy--;
    if (place) {
        place->busy--;
    }
    uv_cond_broadcast(&store->idle);
    uv_mutex_unlock(&store->memory->mutex);
}

static void answer(struct memory_call *call)
{
    struct memory_store *store = call->store;
    struct store_place *place = call->place;
    struct store_op *op = call->op;

    carry_out(call);
    free(call);
    op->done(op);
    leave(store, place);
}

size_t store_memory_answer(struct store *store, size_t max)
{
    struct memory_call *call;
    size_t count = 0;

    while (count < max && (call = take_first(memory_of(store)))) {
        answer(call);
        count++;
    }
    return count;
}

/* --- both ---------------------------------------------------------------- */

enum store_when memory_ask(struct memory_call *call)
{
    struct memory_call *copy;

    if (!call->store) {
        call->store = call->place->store;
    }
    if (when_of(call) == STORE_NOW) {
        carry_out(call);
        return STORE_NOW;
    }
    copy = malloc(sizeof(*copy));
    if (!copy) {
        call->op->outcome =
            cause_outcome(memory_fail(call, CAUSE_OVERLOADED, "no memory"));
        return STORE_NOW;
    }
    *copy = *call;
    put_last(copy);
    return STORE_LATER;
}

void memory_wait(struct memory_store *store, const size_t *busy)
{
    uv_mutex_lock(&store->memory->mutex);
    while (*busy > 0) {
        if (!store->first_call) {
            /* Another thread is answering. */
            uv_cond_wait(&store->idle, &store->memory->mutex);
            continue;
        }
        uv_mutex_unlock(&store->memory->mutex);
        (void)store_memory_answer(&store->base, 1);
        uv_mutex_lock(&store->memory->mutex);
    }
    uv_mutex_unlock(&store->memory->mutex);
}
