/*
 * client/queue_run.h: works on the jobs of the queue, some at a time, each in a
 * process of its own.
 *
 * It notices what other commands write into the folder, the return of the
 * network, and when a next try is due; while nothing happens it sleeps.  What
 * is to be done with a job is the caller's.
 */
#ifndef CLIENT_QUEUE_RUN_H
#define CLIENT_QUEUE_RUN_H

#include <stdbool.h>

#include "client/queue.h"
#include "client/stop.h"

/* Jobs that are worked on at the same time: a server that hangs does not stop
 * the uploads to others. */
#define QUEUE_WORKERS 4

struct queue_run {
    const struct queue *queue;
    struct stop *stop;
    bool keep_running; /* also when nothing waits */
    /* Runs in the job's process, where the stop is a new one.  True: the job's
     * file says what came of it. */
    bool (*work)(void *context, const char *id);
    /* A sentence for people. */
    void (*trouble)(void *context, const char *id, const char *words);
    void *context;
};

/* Until nothing waits any more, or the stop is asked.  *ret_failed counts the
 * jobs that failed for good meanwhile.  0, or errno: the folder cannot be
 * watched. */
int queue_run(const struct queue_run *run, size_t *ret_failed);

#endif
