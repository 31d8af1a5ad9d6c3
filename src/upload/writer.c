/*
 * upload/writer.c: see writer.h.
 */
#include "upload/writer.h"

#include "base/compiler.h"
#include "upload/ending.h"
#include "upload/events.h"
#include "upload/learn.h"
#include "upload/loading.h"
#include "upload/opening.h"
#include "upload/service.h"
#include "upload/verdict.h"

/* Skips the body's first bytes, which the store already has. */
static enum bits_cause skip(struct upload_request *request,
                            struct os_bytes *bytes)
{
    uint64_t left = request->plan.skip - request->skipped;
    size_t n = bytes->size < left ? bytes->size : (size_t)left;

    request->skipped += n;
    return os_bytes_skip(bytes, n) == 0 ? BITS_CAUSE_OK : BITS_CAUSE_INTERNAL;
}

/* If the whole file arrives in one piece, as small files do, the commit of its
 * delivery suffices. */
static void learn_if_more_follows(struct upload_active *active)
{
    if (active->stored > 0 && active->stored < active->row.total) {
        learn_start(active);
    }
}

static enum upload_verdict stop_writing(struct upload_active *active,
                                        struct upload_request *request,
                                        struct bits_outcome outcome)
{
    active->writer = NULL;
    ops_of(active)->settle(active->file);
    request_answer_next(request, outcome, active->stored);
    return learn_then_answer(active, request);
}

/* What the file holds is measured anew. */
static enum upload_verdict fail(struct upload_active *active,
                                struct upload_request *request,
                                struct bits_outcome outcome, const char *detail)
{
    enum upload_verdict verdict;

    event_refused(active->service, request, outcome, detail);
    verdict = stop_writing(active, request, outcome);
    active_forget_file(active);
    return verdict;
}

static void append_done(struct store_op *op);

/* begin() or append() is answered later. */
static enum upload_verdict wait_for_store(struct upload_active *active,
                                          struct upload_request *request)
{
    active_ref(&active->service->table, active);
    active->phase = ACTIVE_STORING;
    request->wait = UPLOAD_WAIT_BODY;
    return UPLOAD_PENDING;
}

/* What was held back while the store had not answered. */
static void settle_without_writer(struct upload_active *active)
{
    const struct store_op *op = &active->op;

    active_heed(active, op->outcome.cause);
    if (op->done == append_done) {
        active->stored = op->stored;
    }
    if (op->outcome.cause != BITS_CAUSE_OK) {
        event_failed(active, op->outcome, op->fault.text);
        active_forget_file(active);
        return;
    }
    ops_of(active)->settle(active->file);
    learn_start(active);
}

/* Continues with what the store has answered; `next` does that for a writer
 * which is still there. */
static void
store_answered(struct store_op *op,
               enum upload_verdict (*next)(struct upload_active *active,
                                           struct upload_request *request))
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;
    struct upload_request *writer;
    enum upload_verdict verdict = UPLOAD_PENDING;

    uv_mutex_lock(&active->mutex);
    writer = active->writer;
    active->phase = ACTIVE_READY;
    if (writer) {
        verdict = next(active, writer);
    } else {
        settle_without_writer(active);
    }
    if (active->phase == ACTIVE_READY) {
        /* Before the writer, which may send for a long time. */
        active_ready_without_owner(active);
    }
    if (verdict != UPLOAD_PENDING) {
        writer->front->ready(writer);
    }
    active_unlock(active);
    active_release(&service->table, active);
}

/* --- begin() --- */

static enum upload_verdict begun(struct upload_active *active,
                                 struct upload_request *request)
{
    struct bits_outcome outcome = active->op.outcome;

    if (outcome.cause == BITS_CAUSE_OK) {
        return UPLOAD_RECEIVE;
    }
    active_heed(active, outcome.cause);
    active->writer = NULL;
    event_refused(active->service, request, outcome, active->op.fault.text);
    return opening_then_answer(active, request, outcome);
}

static void begin_done(struct store_op *op)
{
    store_answered(op, begun);
}

enum upload_verdict writer_begin(struct upload_active *active,
                                 struct upload_request *request)
{
    const struct bits_plan *plan = &request->plan;
    struct store_op *op = &active->op;

    active->writer = request;
    op->done = begin_done;
    if (ops_of(active)->begin(active->file, plan->offset, plan->length, op) ==
        STORE_LATER) {
        return wait_for_store(active, request);
    }
    return begun(active, request);
}

void writer_cut(struct upload_active *active)
{
    struct upload_request *writer = active->writer;

    if (!writer) {
        return;
    }
    active->writer = NULL;
    if (active->phase != ACTIVE_STORING) {
        ops_of(active)->settle(active->file);
    }
    writer->front->cut(writer);
}

/* --- append() --- */

static enum upload_verdict appended(struct upload_active *active,
                                    struct upload_request *request)
{
    const struct store_op *op = &active->op;

    active->stored = op->stored;
    if (op->outcome.cause != BITS_CAUSE_OK) {
        active_heed(active, op->outcome.cause);
        return fail(active, request, op->outcome, op->fault.text);
    }
    learn_if_more_follows(active);
    return UPLOAD_RECEIVE;
}

static void append_done(struct store_op *op)
{
    store_answered(op, appended);
}

enum upload_verdict writer_store(struct upload_active *active,
                                 struct upload_request *request,
                                 struct os_bytes bytes)
{
    struct store_op *op = &active->op;
    bool had_some = active->row.stored_any;
    enum store_when when;

    if (skip(request, &bytes) != BITS_CAUSE_OK) {
        return fail(active, request, cause_outcome(BITS_CAUSE_INTERNAL), "");
    }
    if (bytes.size == 0) {
        learn_if_more_follows(active);
        return UPLOAD_RECEIVE;
    }
    op->done = append_done;
    when = ops_of(active)->append(active->file, bytes, op);
    if (active->row.stored_any && !had_some) {
        /* Otherwise the store could treat it as a session without bytes. */
        learn_note(active);
    }
    return when == STORE_LATER ? wait_for_store(active, request)
                               : appended(active, request);
}

/* --- the end of the body --- */

/* Keeps the received bytes for a client that is gone. */
static void keep_what_came(struct upload_active *active,
                           struct upload_request *request)
{
    active->writer = NULL;
    if (active->phase != ACTIVE_STORING) {
        ops_of(active)->settle(active->file);
    }
    learn_start(active);
    event_interrupted(active, request);
}

enum upload_verdict writer_conclude(struct upload_active *active,
                                    struct upload_request *request,
                                    enum bits_body_end end)
{
    enum bits_cause cause = BITS_CAUSE_OK;

    if (active->phase == ACTIVE_STORING) {
        /* This is a cut: any other end waits for the store's answer. */
        keep_what_came(active, request);
        return UPLOAD_CUT;
    }
    switch (
        bits_session_conclude(&request->plan, active->stored, end, &cause)) {
    case BITS_CONCLUSION_ANSWER:
        if (cause == BITS_CAUSE_OK) {
            ops_of(active)->touch(active->place->place, &active->row);
        } else {
            event_refused(active->service, request, cause_outcome(cause), "");
        }
        return stop_writing(active, request, cause_outcome(cause));
    case BITS_CONCLUSION_DELIVER:
        active->writer = NULL;
        ops_of(active)->complete(active->file);
        event_completed(active, request);
        active->end_after_delivery = false;
        delivery_start(active, request);
        return UPLOAD_PENDING;
    case BITS_CONCLUSION_SILENT:
        break;
    }
    keep_what_came(active, request);
    return UPLOAD_CUT;
}
