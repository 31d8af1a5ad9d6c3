/*
 * os/workers.h: threads for calls that block on a disk.
 */
#ifndef OS_WORKERS_H
#define OS_WORKERS_H

struct workers;

/* A piece of work, embedded in the struct that it works on.  Its own run() may
 * submit it again. */
struct worker_job {
    void (*run)(struct worker_job *job);
    struct worker_job *next; /* the pool's, while the job waits */
};

/* Starts the threads.  Returns NULL if memory ran out or a thread could not be
 * started. */
struct workers *workers_new(unsigned count);

/* Runs every submitted job, then ends the threads.  Accepts NULL. */
void workers_free(struct workers *workers);

/* Runs jobs in the order of submission.  Any thread; never fails. */
void workers_submit(struct workers *workers, struct worker_job *job);

#endif
