/*
 * client/queue/queue.h: the folder of jobs, one small file each.
 *
 * A process changes a job under the lock of the folder, and holds that lock
 * only for the change.  A process that works on a job holds the lock of the
 * job.  Files are replaced by rename and are durable when the call returns.
 *
 * Functions that return int return 0 or an errno value.
 */
#ifndef CLIENT_QUEUE_QUEUE_H
#define CLIENT_QUEUE_QUEUE_H

#include <stdbool.h>

#include "client/home.h"
#include "client/queue/job.h"

struct queue {
    struct home home;
};

/* Returns false with the reason in the fault on failure. */
bool queue_open(struct queue *queue, struct fault *ret_fault);
void queue_close(struct queue *queue);

/* Returns true if the text has the form of an id. */
bool queue_is_id(const char *text);

/* Stores a new job and gives it an id. */
int queue_add(const struct queue *queue, struct queue_job *job);

/* Returns ENOENT if there is no such job, EILSEQ if the file is not valid.
 * Initialises the job; call queue_job_done() after success only. */
int queue_load(const struct queue *queue, const char *id,
               struct queue_job *ret_job);

/* Loads a job, calls `change`, and stores it if `change` returns true. */
int queue_change(const struct queue *queue, const char *id,
                 bool (*change)(struct queue_job *job, void *context),
                 void *context);

/* Removes the job with its lock. */
int queue_remove(const struct queue *queue, const char *id);

/* All ids; the caller calls string_list_done(). */
int queue_list(const struct queue *queue, struct string_list *ret_ids);

/* Blocks until no process works on the job, then holds its lock.  Returns a
 * descriptor to close, or -1 with errno; EINTR: a signal arrived first. */
int queue_hold(const struct queue *queue, const char *id);

/* The process that works on the job: 0 if none does, -1 if it is unknown. */
long queue_holder(const struct queue *queue, const char *id);

/* Becomes the one process that runs the queue.  Returns a descriptor to close,
 * or -1 with errno; EWOULDBLOCK: the process *ret_pid runs it. */
int queue_hold_all(const struct queue *queue, long *ret_pid);

/* Returns true if a process runs the queue. */
bool queue_is_run(const struct queue *queue);

/* Forgets jobs that ended long ago: done for a week, failed for 90 days. */
void queue_sweep(const struct queue *queue, int64_t now);

/* Extracts the id from the name of a job's file.  Returns false if it is not
 * such a name. */
bool queue_id_of_file(const char *name, char ret_id[QUEUE_ID_LEN + 1]);

#endif
