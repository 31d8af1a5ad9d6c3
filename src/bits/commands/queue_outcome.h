/*
 * bits/commands/queue_outcome.h: what came of a try, and what it does to the
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
    OUTCOME_INTERRUPTED, /* nothing new but how far it is */
};

/* What came of a try. */
struct outcome {
    enum outcome_kind kind;
    enum client_exit exit;
    struct bits_failure failure;
    bool has_failure;
    struct fault fault; /* empty: none */
    int64_t now;
    int64_t next_try_at; /* POSTPONED */
    uint64_t size;
    uint64_t best;
};

/* The runner has ended; kind and failure of one that was postponed are known
 * already. */
void outcome_conclude(struct outcome *outcome, const struct runner_end *end,
                      int64_t now);

/* For queue_change(); context: the outcome. */
bool outcome_apply(struct queue_job *job, void *context);

#endif
