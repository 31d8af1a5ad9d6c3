/*
 * bits/commands/queue_outcome.h: the outcome of a try, and its effect on the
 * job.
 *
 * Private to queue_work.c.  No I/O.
 */
#ifndef BITS_COMMANDS_QUEUE_OUTCOME_H
#define BITS_COMMANDS_QUEUE_OUTCOME_H

#include "client/queue/job.h"
#include "client/transfer/runner.h"

enum outcome_kind {
    OUTCOME_ENDED,
    OUTCOME_POSTPONED,
    OUTCOME_INTERRUPTED, /* only the progress has changed */
};

/* The outcome of a try. */
struct outcome {
    enum outcome_kind kind;
    enum client_exit exit;
    struct bits_failure failure;
    bool has_failure;
    struct fault fault; /* empty: no failure */
    int64_t now;
    int64_t next_try_at; /* POSTPONED */
    uint64_t size;
    uint64_t best;
};

/* Call when the runner has ended.  Kind and failure of a postponed try are
 * already set. */
void outcome_conclude(struct outcome *outcome, const struct runner_end *end,
                      int64_t now);

/* For queue_change(); context: the outcome. */
bool outcome_apply(struct queue_job *job, void *context);

#endif
