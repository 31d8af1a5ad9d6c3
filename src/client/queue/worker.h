/*
 * client/queue/worker.h: the process that works on one job after another.
 *
 * Private to run.c.
 */
#ifndef CLIENT_QUEUE_WORKER_H
#define CLIENT_QUEUE_WORKER_H

#include <stdbool.h>

#include "client/queue/roster.h"
#include "client/queue/run.h"

/* Sets pid and pipe.  Returns false with errno on failure. */
bool queue_worker_start(const struct queue_runner *run,
                        struct queue_entry *entry);

/* Asks it to end. */
void queue_worker_end(const struct queue_entry *entry);

/* Call when the process sent something.  Returns true if its job was done and
 * it waits for another one: then the process moves from the entry to *ret_free.
 * Returns false if it is ending. */
bool queue_worker_release(struct queue_entry *entry,
                          struct queue_entry *ret_free);

/* Gives the waiting process a job.  Returns false if it is ending. */
bool queue_worker_pass(struct queue_entry *free, struct queue_entry *next);

/* Waits for its end; a process that waits for a job ends at once.  Returns true
 * if its work succeeded. */
bool queue_worker_reap(struct queue_entry *entry);

#endif
