/*
 * client/queue/run.h: runs the jobs of the queue, several at a time, in
 * processes of their own.
 *
 * A process that has finished a job gets the next due job, so that it can reuse
 * what it keeps, such as a connection.  It ends when no job is due, when it was
 * asked to end its job, and after any failure.
 *
 * The runner notices changes of other commands in the folder, the return of the
 * network, and due tries; otherwise it sleeps.  The caller defines the work on
 * a job.
 */
#ifndef CLIENT_QUEUE_RUN_H
#define CLIENT_QUEUE_RUN_H

#include <stdbool.h>

#include "client/queue/queue.h"
#include "client/stop.h"

/* Jobs that run at the same time, so that a server that hangs does not stop
 * uploads to others. */
#define QUEUE_WORKERS 4

struct queue_roster;

struct queue_runner {
    const struct queue *queue;
    struct stop *stop;
    bool keep_running; /* even when no job waits */
    bool one_round;    /* try waiting jobs once, if they are due now */
    /* These run in a process of their own, with a stop of its own: begin first,
     * then work for each job, then end. work returns true if the job's file has
     * the result. */
    void (*begin)(void *context);
    bool (*work)(void *context, const char *id);
    void (*end)(void *context);
    /* Reports a sentence for people. */
    void (*trouble)(void *context, const char *id, const char *words);
    /* Called twice a second while jobs run, and when the last one has ended;
     * NULL: never. */
    void (*tick)(void *context, const struct queue_roster *roster);
    void *context;
};

/* Runs until no job waits, or until a stop is requested. *ret_failed counts
 * jobs that failed permanently.  Returns 0, or an errno value if the folder
 * cannot be watched. */
int queue_run(const struct queue_runner *run, size_t *ret_failed);

#endif
