/*
 * upload/body.c: see body.h.
 */
#include "upload/body.h"

#include <stdlib.h>

#include "upload/answer.h"
#include "upload/ending.h"
#include "upload/events.h"
#include "upload/learn.h"
#include "upload/service.h"

/* The body's first bytes that the store has already. */
static enum bits_cause skip(struct upload_request *request,
                            struct os_bytes *bytes)
{
    uint64_t left = request->plan.skip - request->skipped;
    size_t n = bytes->size < left ? bytes->size : (size_t)left;

    request->skipped += n;
    return os_bytes_skip(bytes, n) == 0 ? BITS_CAUSE_OK : BITS_CAUSE_INTERNAL;
}

/* The row may wait for the whole file in one piece, which is the common case
 * of a small one: its delivery commits all at once. */
static void learn_if_more_follows(struct upload_active *active)
{
    if (active->stored < active->row.total) {
        learn_start(active);
    }
}

static enum upload_verdict stop_writing(struct upload_active *active,
                                        struct upload_request *request,
                                        struct bits_outcome outcome)
{
    active->writer = NULL;
    request->receiving = false;
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

enum upload_verdict body_store(struct upload_active *active,
                               struct upload_request *request,
                               struct os_bytes bytes)
{
    struct store_op *op = &active->op;
    struct bits_outcome outcome = cause_outcome(skip(request, &bytes));
    bool had_some = active->row.stored_any;

    op->detail[0] = '\0';
    if (outcome.cause == BITS_CAUSE_OK && bytes.size > 0) {
        if (ops_of(active)->append(active->file, bytes, op) == STORE_LATER) {
            abort();
        }
        outcome = op->outcome;
        active->stored = op->stored;
    }
    if (active->row.stored_any && !had_some) {
        /* Else it could still be taken for one without bytes. */
        learn_note(active);
    }
    if (outcome.cause != BITS_CAUSE_OK) {
        return fail(active, request, outcome, op->detail);
    }
    if (active->stored > 0) {
        learn_if_more_follows(active);
    }
    return UPLOAD_RECEIVE;
}

/* Nobody is left to answer; what came is kept. */
static void keep_what_came(struct upload_active *active,
                           struct upload_request *request)
{
    active->writer = NULL;
    ops_of(active)->settle(active->file);
    learn_start(active);
    event_interrupted(active, request);
}

enum upload_verdict body_conclude(struct upload_active *active,
                                  struct upload_request *request,
                                  enum bits_body_end end)
{
    enum bits_cause cause = BITS_CAUSE_OK;

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
