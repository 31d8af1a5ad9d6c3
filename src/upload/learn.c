/*
 * upload/learn.c: what a Fragment taught the row, before anybody is answered
 * on the strength of it.
 *
 * A session's row learns that a Fragment was seen and which total it named.
 * The commit runs beside the body; answers that rest on it wait for it.
 */
#include "base/compiler.h"
#include "upload/events.h"
#include "upload/service.h"

static void learn_done(struct store_op *op);

static void commit(struct upload_active *active)
{
    active->unlearned = false;
    active->learning = true;
    active->learn_more = false;
    active->learn_op = (struct store_op){.done = learn_done};
    active_ref(&active->service->table, active);
    active->service->store->ops->learn(active->place->place, &active->row,
                                       &active->learn_op);
}

void learn_start(struct upload_active *active)
{
    if (!active->unlearned) {
        return;
    }
    if (active->learning) {
        active->learn_more = true;
    } else {
        commit(active);
    }
}

static void answer_learners(struct upload_active *active,
                            const struct store_op *op)
{
    struct upload_request *request;

    while ((request = active_next_waiter(&active->learners))) {
        if (op->cause != BITS_OK) {
            event_refused(active->service, request, op->cause, op->detail);
            (void)request_answer(request, op->cause);
        }
        request->front->ready(request);
    }
}

static void learn_done(struct store_op *op)
{
    struct upload_active *active =
        CONTAINER_OF(op, struct upload_active, learn_op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    active->learning = false;
    if (op->cause == BITS_SESSION_UNKNOWN) {
        active->row_cause = op->cause;
    }
    if (active->learn_more && op->cause == BITS_OK) {
        commit(active);
    } else {
        answer_learners(active, op);
    }
    uv_mutex_unlock(&active->mutex);
    active_release(&service->table, active);
}
