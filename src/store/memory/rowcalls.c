/*
 * store/memory/rowcalls.c: the calls for the row of one session.
 */
#include "store/memory/answering.h"
#include "store/memory/holding.h"
#include "store/memory/members.h"
#include "store/memory/once.h"
#include "store/memory/quota_count.h"
#include "store/memory/room.h"

/* A session that made room is ended even if the new id is taken. */
static enum bits_cause run_create(struct memory_call *call)
{
    enum bits_cause cause = memory_admit_once(call);

    if (cause == BITS_CAUSE_OK) {
        cause = memory_quota_judge(call, 1);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = memory_make_room(call);
    }
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (memory_row_find(call->store->memory, &call->session->id)) {
        return memory_fail(call, BITS_CAUSE_INTERNAL,
                           "the session id is taken");
    }
    return memory_row_add(call->store, call->place->prefix, call->session)
               ? BITS_CAUSE_OK
               : memory_fail(call, CAUSE_OVERLOADED, "no memory");
}

enum store_when memory_create(struct store_place *place,
                              struct store_session *session,
                              struct store_keeper *keeper, struct store_op *op)
{
    const struct os_clock *clock = place->store->options.clock;

    session->fence = 1;
    session->created_at = clock->wall(clock->context);
    session->active_at = memory_age(place->store);
    return memory_ask(&(struct memory_call){.name = "create",
                                            .run = run_create,
                                            .place = place,
                                            .op = op,
                                            .session = session,
                                            .keeper = keeper});
}

/* Bytes that the previous owner has not saved are lost. */
static void take(struct memory_store *store, struct memory_row *row)
{
    if (row->owner != store->number) {
        row->owner = store->number;
        row->session.fence++;
        memory_row_resize(store->memory, row, row->saved);
    }
}

static enum bits_cause run_find(struct memory_call *call)
{
    struct memory_row *row =
        memory_row_find(call->store->memory, &call->copy.id);

    if (!row || memory_row_is_over(call->store, row)) {
        return BITS_CAUSE_SESSION_UNKNOWN;
    }
    if (!memory_row_copy(row, call->session)) {
        return memory_fail(call, CAUSE_OVERLOADED, "no memory");
    }
    if (store_is_live(row->session.state)) {
        take(call->store, row);
        call->session->fence = row->session.fence;
    }
    return BITS_CAUSE_OK;
}

enum store_when memory_find(struct store *store, const struct bits_guid *id,
                            struct store_session *ret_session,
                            struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "find",
                                            .run = run_find,
                                            .store = memory_of(store),
                                            .op = op,
                                            .copy.id = *id,
                                            .session = ret_session});
}

static enum bits_cause run_learn(struct memory_call *call)
{
    struct memory_row *row;
    enum bits_cause cause =
        memory_row_claim(call->store->memory, &call->copy, &row);

    if (cause == BITS_CAUSE_OK && row->counts && call->copy.total_known &&
        !row->session.total_known) {
        call->session = &row->session;
        cause = memory_quota_judge(call, call->copy.total);
    }
    if (cause == BITS_CAUSE_OK) {
        memory_row_learn(row, &call->copy);
    }
    return cause;
}

enum store_when memory_learn(struct store_place *place,
                             const struct store_session *session,
                             struct store_op *op)
{
    return memory_ask(
        &(struct memory_call){.name = "learn",
                              .run = run_learn,
                              .place = place,
                              .op = op,
                              .copy = {.id = session->id,
                                       .fence = session->fence,
                                       .fragment_seen = session->fragment_seen,
                                       .stored_any = session->stored_any,
                                       .total_known = session->total_known,
                                       .total = session->total}});
}

static enum bits_cause run_record(struct memory_call *call)
{
    struct memory_row *row;
    enum bits_cause cause =
        memory_row_claim(call->store->memory, &call->copy, &row);

    if (cause == BITS_CAUSE_OK) {
        row->session.has_outcome = true;
        row->session.outcome = call->copy.outcome;
    }
    return cause;
}

enum store_when memory_record(struct store_place *place,
                              const struct store_session *session,
                              const struct bits_outcome *outcome,
                              struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "record",
                                            .run = run_record,
                                            .place = place,
                                            .op = op,
                                            .copy = {.id = session->id,
                                                     .fence = session->fence,
                                                     .outcome = *outcome}});
}

void memory_touch(struct store_place *place, struct store_session *session)
{
    struct memory_store *store = place->store;
    struct memory_row *row;

    uv_mutex_lock(&store->memory->mutex);
    if (memory_row_claim(store->memory, session, &row) == BITS_CAUSE_OK) {
        if (memory_age(store) - row->session.active_at >=
            (int64_t)(memory_row_timeout(row) / 8)) {
            memory_row_renew(store, row);
        }
        session->active_at = row->session.active_at;
    }
    uv_mutex_unlock(&store->memory->mutex);
}

static enum bits_cause run_end(struct memory_call *call)
{
    struct memory_row *row;
    enum bits_cause cause =
        memory_row_claim(call->store->memory, call->session, &row);

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (!call->ending->expiry) {
        return memory_row_end(call->store, row, call->ending)
                   ? BITS_CAUSE_OK
                   : memory_fail(call, CAUSE_OVERLOADED, "no memory");
    }
    if (!memory_row_is_over(call->store, row)) {
        return BITS_CAUSE_SESSION_UNKNOWN;
    }
    memory_row_remove(call->store->memory, row);
    return BITS_CAUSE_OK;
}

enum store_when memory_end(struct store_place *place,
                           struct store_session *session,
                           const struct store_ending *ending,
                           struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "end",
                                            .run = run_end,
                                            .place = place,
                                            .op = op,
                                            .session = session,
                                            .ending = ending});
}
