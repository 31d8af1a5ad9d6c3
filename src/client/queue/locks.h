/*
 * client/queue/locks.h: lock files, held while a process changes the queue or
 * works on a job.
 *
 * Private to queue*.c.
 */
#ifndef CLIENT_QUEUE_LOCKS_H
#define CLIENT_QUEUE_LOCKS_H

#include "client/queue/queue.h"

/* Follows the id of a job. */
#define QUEUE_LOCK_ENDING ".lock"

/* Blocks until the lock is free.  Returns a descriptor to close, or -1 with
 * errno. */
int queue_lock_file(const struct queue *queue, const char *name);

#endif
