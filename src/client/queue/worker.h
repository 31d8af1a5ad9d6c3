/*
 * client/queue/worker.h: the process that works on a job, and then on others.
 *
 * Private to run.c.
 */
#ifndef CLIENT_QUEUE_WORKER_H
#define CLIENT_QUEUE_WORKER_H

#include <stdbool.h>

#include "client/queue/roster.h"
#include "client/queue/run.h"

/* Fills in pid and pipe.  False: errno. */
bool queue_worker_start(const struct queue_runner *run,
                        struct queue_entry *entry);

/* Asks it to end. */
void queue_worker_end(const struct queue_entry *entry);

/* Something came from the process.  True: its job was done as it should, and
 * it waits for another one: the entry has no process any more, *ret_free has.
 * False: it is ending. */
bool queue_worker_release(struct queue_entry *entry,
                          struct queue_entry *ret_free);

/* Gives the process that waits a job.  False: it is ending. */
bool queue_worker_pass(struct queue_entry *free, struct queue_entry *next);

/* Waits for its end, which comes at once if it waits for a job.  True: the work
 * was done as it should. */
bool queue_worker_reap(struct queue_entry *entry);

#endif
