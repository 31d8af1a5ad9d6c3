/*
 * bits/commands/queue_outcome.c: see queue_outcome.h.
 */
#include "bits/commands/queue_outcome.h"

#include "bits/say_failure.h"

/* The failure, followed by further details. */
static void note_fault(struct outcome *outcome, const struct runner_end *end)
{
    const char *more = end->fault.text;

    if (!outcome->has_failure) {
        outcome->fault = end->fault;
        return;
    }
    failure_words(&outcome->failure, &outcome->fault);
    if (outcome->kind != OUTCOME_POSTPONED && more[0] != '\0') {
        (void)fault_set(&outcome->fault, "%s: %s", outcome->fault.text, more);
    }
}

void outcome_conclude(struct outcome *outcome, const struct runner_end *end,
                      int64_t now)
{
    if (outcome->kind != OUTCOME_POSTPONED) {
        outcome->exit = end->exit;
        outcome->failure = end->failure;
        outcome->has_failure = end->failure.reason != BITS_REASON_NONE;
    }
    if (end->exit == CLIENT_DONE) {
        outcome->kind = OUTCOME_ENDED; /* the last packet succeeded */
        outcome->exit = CLIENT_DONE;
    } else if (outcome->kind != OUTCOME_POSTPONED &&
               end->exit == CLIENT_BY_SIGNAL) {
        outcome->kind = OUTCOME_INTERRUPTED;
    } else if (end->exit == CLIENT_TEMPORARY && !outcome->has_failure) {
        outcome->kind = OUTCOME_POSTPONED; /* another process works on the
                                              upload */
        outcome->next_try_at = now + queue_retry_seconds();
    }
    outcome->now = now;
    note_fault(outcome, end);
}

static void end_job(struct queue_job *job, const struct outcome *outcome,
                    enum client_exit exit)
{
    job->state = exit == CLIENT_DONE ? QUEUE_DONE : QUEUE_FAILED;
    job->exit = exit;
    job->ended_at = outcome->now;
    job->then_due = job->settings.then != NULL;
}

/* Fails permanently after too long a time without progress [C30]. */
static bool is_over_time(const struct queue_job *job,
                         const struct outcome *outcome)
{
    uint64_t limit_s =
        runner_retry(&bits_retry_queue, &job->settings).give_up_ms / 1000;
    int64_t stalled_s = outcome->now - job->stalled_at;

    return stalled_s > 0 && (uint64_t)stalled_s >= limit_s;
}

static void note_stall(struct queue_job *job, const struct outcome *outcome)
{
    if (outcome->best > job->best || job->stalled_at == 0 ||
        job->stalled_at > outcome->now) {
        job->stalled_at = outcome->now;
    }
}

/* Keeps the state of a job that was paused or removed meanwhile. */
bool outcome_apply(struct queue_job *job, void *context)
{
    const struct outcome *outcome = context;
    bool is_removed = job->state == QUEUE_ENDING;

    job->size = outcome->size > 0 ? outcome->size : job->size;
    if (outcome->kind == OUTCOME_POSTPONED) {
        note_stall(job, outcome);
        job->next_try_at = outcome->next_try_at;
    }
    if (outcome->best > job->best) {
        job->best = outcome->best;
    }
    if (outcome->kind != OUTCOME_INTERRUPTED) {
        job->status = outcome->failure.status;
        job->hresult = outcome->failure.hresult;
        job->for_network = outcome->failure.reason == BITS_REASON_TRANSPORT;
        job->fault = outcome->fault;
    }
    if (outcome->kind == OUTCOME_ENDED && !is_removed) {
        end_job(job, outcome, outcome->exit);
    } else if (outcome->kind == OUTCOME_POSTPONED &&
               job->state == QUEUE_WAITING && is_over_time(job, outcome)) {
        end_job(job, outcome, CLIENT_TEMPORARY);
    }
    return true;
}
