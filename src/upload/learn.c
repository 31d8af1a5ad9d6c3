/*
 * upload/learn.c: commits what a Fragment changed before any reply that depends
 * on it.
 *
 * A Fragment changes three things in its session's row: that a Fragment was
 * seen, the total, and that bytes are stored.  The commit runs while the body
 * arrives.  In a store whose bytes do not survive a crash of the process by
 * themselves, a reply that names them also waits until they are saved.
 */
#include "upload/learn.h"

#include "base/compiler.h"
#include "upload/events.h"
#include "upload/service.h"
#include "upload/verdict.h"

static void learn_done(struct store_op *op);

/* Returns true if another server had the session since the call began, and the
 * row was loaded again: the answer says nothing about the new row. */
static bool is_outdated(const struct upload_active *active, uint64_t fence)
{
    return active->place && active->row.fence != fence;
}

static void commit(struct upload_active *active)
{
    active->learning = LEARNING;
    active->learn_fence = active->row.fence;
    active->learn_op = (struct store_op){.done = learn_done};
    active_ref(&active->service->table, active);
    active_called(active, &active->learn_op,
                  ops_of(active)->learn(active->place->place, &active->row,
                                        &active->learn_op));
}

void learn_note(struct upload_active *active)
{
    active->learning =
        active->learning == LEARNT || active->learning == UNLEARNT
            ? UNLEARNT
            : LEARNING_MORE;
}

void learn_forget(struct upload_active *active)
{
    if (active->learning == UNLEARNT) {
        active->learning = LEARNT;
    } else if (active->learning == LEARNING_MORE) {
        active->learning = LEARNING;
    }
}

void learn_start(struct upload_active *active)
{
    if (active->learning == UNLEARNT) {
        commit(active);
    }
}

/* Keeps the answer's offset, which is still true unless the session is gone. */
static void answer_failure(struct upload_active *active,
                           struct upload_request *request,
                           struct bits_outcome outcome, const char *detail)
{
    bool has_next = request->answer.has_next;
    uint64_t next = request->answer.next;

    event_refused(active->service, request, outcome, detail);
    request_answer(request, outcome);
    request->answer.next = next;
    request->answer.has_next = has_next && answer_names_offset(outcome.cause);
}

static void refuse_fenced(struct upload_active *active,
                          struct active_waiters *waiters)
{
    struct upload_request *request;

    while ((request = active_next_waiter(waiters))) {
        answer_failure(active, request, cause_outcome(CAUSE_FENCED), "");
        request->front->ready(request);
    }
}

void learn_lose(struct upload_active *active)
{
    learn_forget(active);
    refuse_fenced(active, &active->learners);
    refuse_fenced(active, &active->saving_after);
}

void learn_compare(struct upload_active *active)
{
    if (is_outdated(active, active->learn_fence)) {
        refuse_fenced(active, &active->learners);
    }
    if (is_outdated(active, active->save_fence)) {
        refuse_fenced(active, &active->saving_after);
    }
}

/* --- saving -------------------------------------------------------------- */

static void save_done(struct store_op *op);

static void save(struct upload_active *active)
{
    active->saving = true;
    active->save_fence = active->row.fence;
    active->saving_for = active->saving_after;
    active->saving_after = (struct active_waiters){.first = NULL};
    active->save_op = (struct store_op){.done = save_done};
    active_ref(&active->service->table, active);
    active_called(active, &active->save_op,
                  ops_of(active)->save(active->file, &active->save_op));
}

bool learn_is_saved(const struct upload_active *active)
{
    /* Without a place the store may be writing the row; during a delivery it
     * may be writing the state. */
    return active->place &&
           ((active->phase != ACTIVE_DELIVERING &&
             active->row.state != STORE_RECEIVING) ||
            ops_of(active)->is_saved(active->place->place, active->file));
}

/* Returns ANSWER, or PENDING: the request waits. */
static enum upload_verdict save_then_answer(struct upload_active *active,
                                            struct upload_request *request)
{
    if (!request->answer.has_next || learn_is_saved(active)) {
        return UPLOAD_ANSWER;
    }
    if (!active->file) {
        /* The file was closed; the next packet measures it. */
        request->answer.has_next = false;
        return UPLOAD_ANSWER;
    }
    active_wait(&active->saving_after, request);
    if (!active->saving) {
        save(active);
    }
    return UPLOAD_PENDING;
}

/* After a failure the answers have no offset: the next packet measures what
 * the store has kept. */
static void answer_saved(struct upload_active *active,
                         const struct store_op *op)
{
    struct upload_request *request;

    if (op->outcome.cause != BITS_CAUSE_OK && active->saving_for.count == 0) {
        event_failed(active, op->outcome,
                     op->fault.text); /* the clients left */
    }
    while ((request = active_next_waiter(&active->saving_for))) {
        if (op->outcome.cause != BITS_CAUSE_OK) {
            answer_failure(active, request, op->outcome, op->fault.text);
            request->answer.has_next = false;
        }
        request->front->ready(request);
    }
}

/* Resumes the requests that arrived while the last save() ran. */
static void save_again(struct upload_active *active)
{
    struct active_waiters waiters = active->saving_after;
    struct upload_request *request;

    active->saving_after = (struct active_waiters){.first = NULL};
    while ((request = active_next_waiter(&waiters))) {
        if (save_then_answer(active, request) == UPLOAD_ANSWER) {
            request->front->ready(request);
        }
    }
}

static void save_done(struct store_op *op)
{
    struct upload_active *active =
        CONTAINER_OF(op, struct upload_active, save_op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    active->saving = false;
    if (!is_outdated(active, active->save_fence)) {
        active_heed(active, op->outcome.cause);
    }
    answer_saved(active, op);
    save_again(active);
    active_unlock(active);
    active_release(&service->table, active);
}

/* --- learning ------------------------------------------------------------ */

enum upload_verdict learn_then_answer(struct upload_active *active,
                                      struct upload_request *request)
{
    learn_start(active);
    if (active->learning != LEARNT) {
        active_wait(&active->learners, request);
        return UPLOAD_PENDING;
    }
    if (active->row_cause != BITS_CAUSE_OK &&
        request->answer.outcome.status < 400) {
        /* The row was deleted while the body arrived. */
        answer_failure(active, request, cause_outcome(active->row_cause), "");
    }
    return save_then_answer(active, request);
}

enum upload_verdict learn_then_plan(struct upload_active *active,
                                    struct upload_request *request)
{
    request->answer.has_next = false; /* it waits for no save() */
    request->wait = UPLOAD_WAIT_PLAN;
    learn_start(active);
    active_wait(&active->learners, request);
    return UPLOAD_PENDING;
}

/* Resumes the requests that wait for the commit.  failed: NULL if the row is
 * committed. */
static void answer_learners(struct upload_active *active,
                            const struct store_op *failed)
{
    struct upload_request *request;

    while ((request = active_next_waiter(&active->learners))) {
        if (failed) {
            answer_failure(active, request, failed->outcome,
                           failed->fault.text);
        }
        if (save_then_answer(active, request) == UPLOAD_ANSWER) {
            request->front->ready(request);
        }
    }
}

/* Returns false for a session that ends or has ended, and while its row is
 * read again. */
static bool can_learn(const struct upload_active *active)
{
    return active->phase == ACTIVE_DELIVERING ||
           (active->phase != ACTIVE_BUSY && active->place &&
            active->row_cause == BITS_CAUSE_OK &&
            store_is_live(active->row.state));
}

/* After a failure the next answer that depends on the row commits again. */
static void take_result(struct upload_active *active, const struct store_op *op)
{
    bool more = active->learning == LEARNING_MORE;
    bool failed = op->outcome.cause != BITS_CAUSE_OK &&
                  !is_outdated(active, active->learn_fence);

    if (more && !failed) {
        commit(active);
        return;
    }
    active->learning = LEARNT;
    if (failed && can_learn(active)) {
        active_heed(active, op->outcome.cause);
        if (op->outcome.cause == BITS_CAUSE_SESSION_UNKNOWN) {
            active->row_cause = op->outcome.cause;
        } else if (active->row_cause == BITS_CAUSE_OK) {
            active->learning = UNLEARNT;
        }
    }
    answer_learners(active, failed ? op : NULL);
}

static void learn_done(struct store_op *op)
{
    struct upload_active *active =
        CONTAINER_OF(op, struct upload_active, learn_op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    take_result(active, op);
    active_unlock(active);
    active_release(&service->table, active);
}
