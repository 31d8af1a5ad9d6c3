/*
 * upload/opening.c: see opening.h.
 */
#include "upload/opening.h"

#include "base/compiler.h"
#include "upload/learn.h"
#include "upload/loading.h"
#include "upload/service.h"
#include "upload/verdict.h"

static void note_opened(struct upload_active *active)
{
    active_heed(active, active->op.outcome.cause);
    active->measured = active->op.outcome.cause == BITS_CAUSE_OK;
    active->file = active->measured ? active->opened : NULL;
    active->stored = active->op.stored;
}

static enum upload_verdict answer_opened(struct upload_active *active,
                                         struct upload_request *request)
{
    if (active->measured) {
        request_answer_next(request, request->answer.outcome, active->stored);
    }
    return learn_then_answer(active, request);
}

/* Continues the request that opened the file. */
static enum upload_verdict continue_request(struct upload_active *active,
                                            struct upload_request *request)
{
    if (request->wait == UPLOAD_WAIT_ANSWER) {
        return answer_opened(active, request);
    }
    if (!active->measured) {
        return request_refuse(active->service, request, active->op.outcome,
                              active->op.fault.text);
    }
    return UPLOAD_RECEIVE; /* to be planned */
}

static void file_opened(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;
    struct upload_request *owner;

    uv_mutex_lock(&active->mutex);
    owner = active->owner;
    note_opened(active);
    active->phase = ACTIVE_READY;
    if (owner && continue_request(active, owner) != UPLOAD_PENDING) {
        owner->front->ready(owner);
    }
    active_ready_without_owner(active);
    active_unlock(active);
    active_release(&service->table, active);
}

enum store_when opening_start(struct upload_active *active,
                              struct upload_request *request)
{
    struct store_op *op = &active->op;
    enum store_when when;

    op->done = file_opened;
    when = ops_of(active)->file_open(active->place->place, &active->row,
                                     &active->opened, op);
    if (when == STORE_NOW) {
        note_opened(active);
        return when;
    }
    active_ref(&active->service->table, active);
    active->phase = ACTIVE_LOADING;
    active->owner = request;
    return when;
}

enum upload_verdict opening_then_answer(struct upload_active *active,
                                        struct upload_request *request,
                                        struct bits_outcome outcome)
{
    active_forget_file(active);
    request_answer(request, outcome);
    if (opening_start(active, request) == STORE_LATER) {
        return UPLOAD_PENDING;
    }
    return answer_opened(active, request);
}
