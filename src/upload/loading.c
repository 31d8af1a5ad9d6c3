/*
 * upload/loading.c: see loading.h.
 */
#include "upload/loading.h"

#include "base/compiler.h"
#include "upload/learn.h"
#include "upload/service.h"

void active_ready_without_owner(struct upload_active *active)
{
    struct upload_request *request;

    active->phase = ACTIVE_READY;
    active->owner = NULL;
    while ((request = active_next_waiter(&active->waiters))) {
        request->front->ready(request);
    }
}

void active_ready(struct upload_active *active)
{
    struct upload_request *owner = active->owner;

    if (owner) {
        owner->front->ready(owner);
    }
    active_ready_without_owner(active);
}

/* Returns the place of a loaded row, or NULL if a reload removed its section.
 */
static struct upload_place *place_of(struct upload_service *service,
                                     const struct store_session *row)
{
    struct upload_rules *rules = service_rules(service);
    struct upload_place *place = upload_rules_place(rules, row->prefix);

    upload_rules_unref(rules);
    return place;
}

static void find_done(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    active->row_cause = op->outcome.cause;
    if (op->outcome.cause == BITS_CAUSE_OK) {
        /* A session that has ended needs no place any more. */
        active->place = place_of(service, &active->row);
        active->row_cause = active->place || active->row.state == STORE_ENDED
                                ? BITS_CAUSE_OK
                                : BITS_CAUSE_SESSION_UNKNOWN;
    }
    learn_compare(active);
    active_ready(active);
    active_unlock(active);
    active_release(&service->table, active);
}

void active_load(struct upload_active *active)
{
    struct store *store = active->service->store;

    active->phase = ACTIVE_LOADING;
    active->op = (struct store_op){.done = find_done};
    active_ref(&active->service->table, active);
    active_called(
        active, &active->op,
        store->ops->find(store, &active->id, &active->row, &active->op));
}

void active_reload(struct upload_active *active)
{
    active_forget_file(active);
    store_session_done(&active->row);
    upload_place_unref(active->place);
    active->place = NULL;
    active_load(active);
}
