/*
 * client/queue/work.h: the process that works on a job, and then on others.
 *
 * Private to run.c.
 */
#ifndef CLIENT_QUEUE_WORK_H
#define CLIENT_QUEUE_WORK_H

#include <stdbool.h>

#include "client/queue/roster.h"
#include "client/queue/run.h"

/* Fills in pid and pipe.  False: errno. */
bool queue_work_start(const struct queue_runner *run,
                      struct queue_entry *entry);

/* Asks it to end. */
void queue_work_end(const struct queue_entry *entry);

/* Something came from the process.  True: its job was done as it should, and
 * it waits for another one: the entry has no process any more, *ret_free has.
 * False: it is ending. */
bool queue_work_release(struct queue_entry *entry,
                        struct queue_entry *ret_free);

/* Gives the process that waits a job.  False: it is ending. */
bool queue_work_pass(struct queue_entry *free, struct queue_entry *next);

/* Waits for its end, which comes at once if it waits for a job.  True: the work
 * was done as it should. */
bool queue_work_reap(struct queue_entry *entry);

#endif
