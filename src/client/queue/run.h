/*
 * client/queue/run.h: works on the jobs of the queue, some at a time, in
 * processes of their own.
 *
 * A process that is done with a job gets the next one that is due, so that what
 * it keeps, such as a connection, serves that one, too.  It ends when none is
 * due, when it was told to end its job, and with any failure.
 *
 * It notices what other commands write into the folder, the return of the
 * network, and when a next try is due; while nothing happens it sleeps.  What
 * is to be done with a job is the caller's.
 */
#ifndef CLIENT_QUEUE_RUN_H
#define CLIENT_QUEUE_RUN_H

#include <stdbool.h>

#include "client/queue/queue.h"
#include "client/stop.h"

/* Jobs that are worked on at the same time: a server that hangs does not stop
 * the uploads to others. */
#define QUEUE_WORKERS 4

struct queue_roster;

struct queue_runner {
    const struct queue *queue;
    struct stop *stop;
    bool keep_running; /* also when nothing waits */
    bool one_round;    /* jobs that wait are tried once, if they are due now */
    /* These three run in a process of their own, where the stop is a new one:
     * first, for each job, and last.  True: the job's file says what came of
     * it. */
    void (*begin)(void *context);
    bool (*work)(void *context, const char *id);
    void (*end)(void *context);
    /* A sentence for people. */
    void (*trouble)(void *context, const char *id, const char *words);
    /* Called twice a second while jobs are worked on, and when the last one
     * has ended; NULL: never. */
    void (*tick)(void *context, const struct queue_roster *roster);
    void *context;
};

/* Until nothing waits any more, or the stop is asked.  *ret_failed counts the
 * jobs that failed for good meanwhile.  0, or errno: the folder cannot be
 * watched. */
int queue_run(const struct queue_runner *run, size_t *ret_failed);

#endif
