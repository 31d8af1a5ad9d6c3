/*
 * client/queue_work.h: the process that works on one job.
 *
 * Private to queue_run.c.
 */
#ifndef CLIENT_QUEUE_WORK_H
#define CLIENT_QUEUE_WORK_H

#include <stdbool.h>

#include "client/queue_run.h"
#include "client/queue_table.h"

/* Fills in pid and pipe.  False: errno. */
bool queue_work_start(const struct queue_run *run, struct queue_entry *entry);

/* Asks it to end. */
void queue_work_end(const struct queue_entry *entry);

/* Waits for its end.  True: the work was done as it should. */
bool queue_work_reap(struct queue_entry *entry);

#endif
