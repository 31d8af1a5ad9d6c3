/*
 * client/queue/queue.h: the folder of the jobs, one small file for each.
 *
 * A job is changed under the lock of the folder, which is held for that moment
 * only; the process that works on a job holds the lock of the job.  A file is
 * replaced by rename and is durable when the call returns.
 *
 * Functions that return an int: 0, or errno.
 */
#ifndef CLIENT_QUEUE_QUEUE_H
#define CLIENT_QUEUE_QUEUE_H

#include <stdbool.h>

#include "client/home.h"
#include "client/queue/job.h"

struct queue {
    struct home home;
};

/* False: the fault says why. */
bool queue_open(struct queue *queue, struct fault *ret_fault);
void queue_close(struct queue *queue);

/* Could that be an id? */
bool queue_is_id(const char *text);

/* Writes a new job and gives it its id. */
int queue_add(const struct queue *queue, struct queue_job *job);

/* ENOENT: there is none; EILSEQ: the file makes no sense.  The job is
 * initialised by it; queue_job_done() is due after success only. */
int queue_load(const struct queue *queue, const char *id,
               struct queue_job *ret_job);

/* Loads it, lets it be changed, and writes it if `change` says so. */
int queue_change(const struct queue *queue, const char *id,
                 bool (*change)(struct queue_job *job, void *context),
                 void *context);

/* Removes it with its lock. */
int queue_remove(const struct queue *queue, const char *id);

/* All ids, the caller calls string_list_done(). */
int queue_list(const struct queue *queue, struct string_list *ret_ids);

/* Waits until no process works on the job, then holds it: a descriptor to be
 * closed.  -1: errno; EINTR: a signal came first. */
int queue_hold(const struct queue *queue, const char *id);

/* The process that works on it: 0 if there is none, -1 if it is unknown. */
long queue_holder(const struct queue *queue, const char *id);

/* One process at a time runs the queue: a descriptor to be closed.  -1: errno;
 * EWOULDBLOCK: *ret_pid does. */
int queue_hold_all(const struct queue *queue, long *ret_pid);

/* Does a process run the queue? */
bool queue_is_run(const struct queue *queue);

/* Forgets jobs that ended long ago: done for a week, failed for 90 days. */
void queue_sweep(const struct queue *queue, int64_t now);

/* The id in the name of a job's file; false: it is none. */
bool queue_id_of_file(const char *name, char ret_id[QUEUE_ID_LEN + 1]);

#endif
