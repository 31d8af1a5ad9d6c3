/*
 * store/local/delivery_end.c: how a step of a delivery ends: it starts the next
 * step, commits, gives up bytes, or answers the caller.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/local/age.h"
#include "store/local/delivery.h"
#include "store/local/quota_rows.h"
#include "store/local/staging.h"
#include "store/local/work.h"

void delivery_note(struct delivery *delivery, enum bits_cause cause, int error,
                   const char *what, enum delivery_thing thing)
{
    struct fault *fault = &delivery->fault;
    const char *staging = delivery->place->staging->path;
    char staged[LOCAL_STAGED_NAME_SIZE];

    switch (thing) {
    case DELIVERY_STAGING:
        (void)os_fail(fault, error, what, staging, NULL);
        break;
    case DELIVERY_STAGED_FILE:
        local_show_staged_name(&delivery->id, staged);
        (void)os_fail(fault, error, what, staging, staged);
        break;
    case DELIVERY_TARGET:
        (void)os_fail(fault, error, what, delivery->place->root_path,
                      delivery->name);
        break;
    }
    delivery->cause = cause;
}

static void close_folder(int *folder)
{
    if (*folder >= 0) {
        (void)close(*folder);
    }
    *folder = -1;
}

static void close_files(struct delivery *delivery)
{
    close_folder(&delivery->target);
    close_folder(&delivery->staging);
    if (delivery->data) {
        data_put(delivery->data);
    }
    delivery->data = NULL;
}

static void delivery_free(struct delivery *delivery)
{
    struct store_place *place = delivery->place;

    close_files(delivery);
    free(delivery->name);
    free(delivery);
    local_leave(place->store, place);
}

/* Sets the session's new state and answers the caller. */
static void answer(struct delivery *delivery)
{
    struct store_session *session = delivery->session;

    session->state = delivery->outcome;
    if (delivery->outcome == STORE_DELIVERING) {
        /* As in its row, so that the next deliver() knows that the file was
         * moved. */
        free(session->delivered_as);
        session->delivered_as = delivery->name;
        delivery->name = NULL;
    }
    delivery->op->stored = delivery->stored;
    local_complete(delivery->op, delivery->cause, delivery->fault.text);
}

static enum bits_cause run_outcome(struct index_job *job,
                                   struct database *database)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);
    bool done = delivery->outcome == STORE_DONE;

    if (!done) {
        /* A delivery that failed early has committed nothing yet.  Its caller
         * waits, so the session still exists. */
        (void)rows_learn(database, delivery->session);
    }
    return rows_outcome(
               database, &delivery->id,
               &(struct row_outcome){
                   .state = delivery->outcome,
                   .delivered_as = done ? delivery->name : "",
                   .synced = delivery->are_synced ? delivery->total : 0,
                   .counts_until = local_counts_until(delivery->place),
               })
               ? BITS_CAUSE_OK
               : BITS_CAUSE_SESSION_UNKNOWN;
}

static void outcome_done(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    if (job->cause != BITS_CAUSE_OK &&
        job->cause != BITS_CAUSE_SESSION_UNKNOWN) {
        local_trouble(delivery->place->store, job->cause, job->detail);
    }
    delivery_free(delivery);
}

/* Completes the call after the commit of RETRY or RECEIVING.  If the commit of
 * DELIVERING, under whichever name, failed for the same cause, the result of
 * the call reports it, and the log does not repeat it. */
static void failure_done(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);
    bool is_told = delivery->cause == delivery->row_cause &&
                   job->cause == delivery->row_cause;

    if (job->cause == BITS_CAUSE_SESSION_UNKNOWN) {
        delivery->cause = job->cause;
    }
    answer(delivery);
    if (is_told) {
        delivery_free(delivery);
    } else {
        outcome_done(job);
    }
}

static enum database_need need_of(const struct delivery *delivery)
{
    return delivery->durable ? DATABASE_DURABLE : DATABASE_WRITE;
}

void delivery_fail(struct delivery *delivery, enum store_state outcome,
                   uint64_t stored)
{
    delivery->outcome = outcome;
    delivery->stored = stored;
    delivery->row = (struct index_job){
        .need = need_of(delivery), .run = run_outcome, .done = failure_done};
    index_submit(delivery->place->store->index, &delivery->row);
}

void delivery_retry_later(struct delivery *delivery)
{
    delivery_fail(delivery, STORE_RETRY, delivery->total);
}

/* Answers before the row is DONE.  A later call, most often Close, queues
 * behind this one in the index and shares its commit; and after a crash
 * DELIVERING without a staged file means DONE. */
void delivery_succeed(struct delivery *delivery)
{
    struct store_session *session = delivery->session;
    char *name = strdup(delivery->name);
    struct store_op *op = delivery->op;

    if (name) {
        free(session->delivered_as);
        session->delivered_as = name;
    }
    session->state = STORE_DONE;
    delivery->outcome = STORE_DONE;
    op->stored = delivery->total;
    delivery->row = (struct index_job){
        .need = DATABASE_WRITE, .run = run_outcome, .done = outcome_done};
    close_files(delivery); /* here, not on the index's thread */
    index_submit_later(delivery->place->store->index, &delivery->row);
    local_complete(op, BITS_CAUSE_OK, NULL);
}

void delivery_answer(struct delivery *delivery)
{
    answer(delivery);
    delivery_free(delivery);
}

static bool write_delivering(struct database *database,
                             const struct delivery *delivery)
{
    struct store_session row = *delivery->session;

    row.delivered_as = delivery->name;
    local_tail(&row)->epoch = delivery->epoch;
    return rows_delivering(database, &row,
                           local_age_now(delivery->place->store));
}

/* The session exists, but its row has another epoch. */
static enum bits_cause write_in_epoch(struct database *database,
                                      struct delivery *delivery)
{
    struct store_session row;
    bool lives = rows_get(database, &delivery->id, &row) == BITS_CAUSE_OK;
    bool is_behind;

    if (!lives) {
        return BITS_CAUSE_SESSION_UNKNOWN;
    }
    lives = store_is_undelivered(row.state);
    is_behind = local_tail(&row)->epoch < delivery->epoch;
    store_session_done(&row);
    if (lives && !is_behind) {
        delivery->is_late = true;
        return BITS_CAUSE_IO_ERROR;
    }
    /* The index failed when earlier bytes were given up. */
    return lives && rows_give_up(database, &delivery->id, delivery->epoch, 0) &&
                   write_delivering(database, delivery)
               ? BITS_CAUSE_OK
               : BITS_CAUSE_SESSION_UNKNOWN;
}

static enum bits_cause run_delivering(struct index_job *job,
                                      struct database *database)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    delivery->is_late = false;
    return write_delivering(database, delivery)
               ? BITS_CAUSE_OK
               : write_in_epoch(database, delivery);
}

void delivery_commit(struct delivery *delivery,
                     void (*done)(struct index_job *job))
{
    delivery->row = (struct index_job){
        .need = need_of(delivery), .run = run_delivering, .done = done};
    index_submit(delivery->place->store->index, &delivery->row);
}

void delivery_next_step(struct delivery *delivery,
                        void (*step)(struct worker_job *job))
{
    delivery->work.run = step;
    workers_submit(delivery->place->store->workers, &delivery->work);
}

static void given_up(struct data_waiter *waiter)
{
    struct delivery *delivery = CONTAINER_OF(waiter, struct delivery, waiter);
    uint64_t left =
        data_stored(delivery->data, &local_tail(delivery->session)->epoch);

    local_tail(delivery->session)->synced = left;
    data_forget_name(delivery->session);
    delivery_fail(delivery, STORE_RECEIVING, left);
}

static void give_up(struct delivery *delivery, enum data_keep keep, int error,
                    const char *what)
{
    delivery_note(delivery, BITS_CAUSE_IO_ERROR, error, what,
                  DELIVERY_STAGED_FILE);
    delivery->waiter.done = given_up;
    data_give_up(delivery->data, keep, &delivery->fault, &delivery->waiter);
}

void delivery_give_up(struct delivery *delivery, int error)
{
    /* ESTALE: the reason is already in the log. */
    give_up(delivery, DATA_KEEP_SAVED, error == ESTALE ? EIO : error,
            "cannot fdatasync");
}

void delivery_give_up_all(struct delivery *delivery, int error)
{
    give_up(delivery, DATA_KEEP_NOTHING, error, "a file has lost bytes:");
}
