/*
 * client/queue/locks.h: files that are locked while a process changes the
 * queue or works on a job.
 *
 * Private to queue*.c.
 */
#ifndef CLIENT_QUEUE_LOCKS_H
#define CLIENT_QUEUE_LOCKS_H

#include "client/queue/queue.h"

/* Behind the id of a job. */
#define QUEUE_LOCK_ENDING ".lock"

/* Waits for the lock; a descriptor to be closed, or -1 and errno. */
int queue_lock_file(const struct queue *queue, const char *name);

#endif
