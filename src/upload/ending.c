/*
 * upload/ending.c: a session leaves RECEIVING: delivery, and release.
 *
 * While the store works the session is DELIVERING or BUSY.  If the request that
 * started the work is released meanwhile, the work continues without it.
 */
#include "upload/ending.h"

#include "base/compiler.h"
#include "base/text.h"
#include "upload/events.h"
#include "upload/learn.h"
#include "upload/loading.h"
#include "upload/service.h"
#include "upload/verdict.h"

/* Gives the result of a delivery to each Fragment that waited for it, so that
 * it does not deliver again.  CAUSE_FENCED is not a result: the row will tell
 * whether another server delivered the file. */
static void share_result(struct upload_active *active,
                         struct bits_outcome outcome)
{
    if (outcome.cause == CAUSE_FENCED) {
        return;
    }
    for (struct upload_request *r = active->waiters.first; r; r = r->next) {
        if (r->packet.type == BITS_PACKET_FRAGMENT) {
            r->inherits = true;
            r->inherited = outcome;
        }
    }
}

/* --- release ------------------------------------------------------------- */

/* The row has what the store completed; waiting requests are planned from it.
 */
static void read_again(struct upload_active *active)
{
    struct upload_request *owner = active->owner;

    active->owner = NULL;
    if (owner) {
        owner->front->ready(owner);
    }
    active_reload(active);
}

/* Returns true if a session that seemed expired was used meanwhile. */
static bool came_back(const struct upload_active *active,
                      const struct store_op *op)
{
    return active->ending.expiry &&
           op->outcome.cause == BITS_CAUSE_SESSION_UNKNOWN;
}

static void ending_done(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;
    void (*ended)(struct upload_service * service, bool well);
    struct upload_request *owner;
    bool well = op->outcome.cause == BITS_CAUSE_OK;

    uv_mutex_lock(&active->mutex);
    owner = active->owner;
    ended = active->ended;
    if (op->outcome.cause == BITS_CAUSE_OK) {
        event_ended(active, owner);
        active->row.state = STORE_ENDED;
        active->row.ended_by = active->ending.by;
        active->row.ended = active->ending.outcome;
        /* If this fails, a repeated packet gets SESSION_UNKNOWN. */
        (void)store_target_digest(
            text_of(active->row.user), text_of(active->row.prefix),
            text_of(active->row.name), &active->row.target);
        if (active->ending.expiry) {
            active->row_cause = BITS_CAUSE_SESSION_UNKNOWN;
        }
    }
    if (owner && op->outcome.cause == BITS_CAUSE_OK) {
        request_answer(owner, active->ending.outcome);
    } else if (owner) {
        event_refused(service, owner, op->outcome, op->fault.text);
        request_answer(owner, op->outcome);
    } else if (op->outcome.cause != BITS_CAUSE_OK && !came_back(active, op)) {
        event_failed(active, op->outcome, op->fault.text);
    }
    if (op->outcome.cause == BITS_CAUSE_OK) {
        active_ready(active);
    } else {
        read_again(active);
    }
    active_unlock(active);
    active_release(&service->table, active);
    if (ended) {
        ended(service, well);
    }
}

/* Calls the store.  The caller has set the owner and taken a reference. */
static void end_in_store(struct upload_active *active)
{
    active->phase = ACTIVE_BUSY;
    learn_forget(active);
    active_forget_file(active);
    active->op = (struct store_op){.done = ending_done};
    active_called(active, &active->op,
                  ops_of(active)->end(active->place->place, &active->row,
                                      &active->ending, &active->op));
}

void ending_start(struct upload_active *active, struct upload_request *request,
                  enum bits_packet_type by, struct bits_outcome outcome)
{
    active->owner = request;
    request->wait = UPLOAD_WAIT_ANSWER;
    active->ending = (struct store_ending){.by = by, .outcome = outcome};
    active->ended = NULL;
    active_ref(&active->service->table, active);
    end_in_store(active);
}

void ending_start_expired(struct upload_active *active,
                          void (*ended)(struct upload_service *service,
                                        bool well))
{
    active->owner = NULL;
    active->ending = (struct store_ending){
        .by = BITS_PACKET_CANCEL_SESSION,
        .outcome = cause_outcome(BITS_CAUSE_SESSION_UNKNOWN),
        .expiry = true,
    };
    active->ended = ended;
    active_ref(&active->service->table, active);
    end_in_store(active);
}

/* --- delivery ------------------------------------------------------------ */

static void report_delivery(struct upload_active *active,
                            const struct store_op *op)
{
    if (op->outcome.cause == BITS_CAUSE_OK) {
        event_delivered(active, active->owner);
    } else if (active->owner) {
        event_refused(active->service, active->owner, op->outcome,
                      op->fault.text);
    } else {
        event_failed(active, op->outcome, op->fault.text);
    }
}

/* Returns true for a Close in RETRY or of an empty file whose file is delivered
 * or can never be: the session must be released. */
static bool must_end(const struct upload_active *active, enum bits_cause cause)
{
    return active->end_after_delivery &&
           (cause == BITS_CAUSE_OK || cause == BITS_CAUSE_STAGED_FILE_MISSING);
}

static void delivery_done(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    active_forget_file(active);
    report_delivery(active, op);
    active_heed(active, op->outcome.cause);
    if (op->outcome.cause == BITS_CAUSE_SESSION_UNKNOWN) {
        active->row_cause = op->outcome.cause;
    }
    if (must_end(active, op->outcome.cause)) {
        active->ending = (struct store_ending){.by = BITS_PACKET_CLOSE_SESSION,
                                               .outcome = op->outcome};
        active->ended = NULL;
        end_in_store(active);
        active_unlock(active);
        return;
    }
    if (active->owner) {
        request_answer_next(active->owner, op->outcome,
                            op->outcome.cause == BITS_CAUSE_OK
                                ? active->row.total
                                : op->stored);
    }
    share_result(active, op->outcome);
    active_ready(active);
    active_unlock(active);
    active_release(&service->table, active);
}

void delivery_start(struct upload_active *active,
                    struct upload_request *request)
{
    active->phase = ACTIVE_DELIVERING;
    active->owner = request;
    request->wait = UPLOAD_WAIT_ANSWER;
    learn_forget(active); /* the delivery commits the row */
    active->op = (struct store_op){.done = delivery_done};
    active_ref(&active->service->table, active);
    active_called(active, &active->op,
                  ops_of(active)->deliver(active->place->place, &active->row,
                                          active->file, &active->op));
}
