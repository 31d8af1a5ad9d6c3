/*
 * os/workers.h: threads for calls that wait for a disk.
 */
#ifndef OS_WORKERS_H
#define OS_WORKERS_H

struct workers;

/* One piece of work; embedded in what it works on.  It may be submitted again
 * from its own run(). */
struct worker_job {
    void (*run)(struct worker_job *job);
    struct worker_job *next; /* the pool's, while it waits */
};

/* Starts the threads.  NULL: no memory or no threads. */
struct workers *workers_new(unsigned count);

/* Runs everything that was submitted, then ends the threads.  Accepts NULL. */
void workers_free(struct workers *workers);

/* First come, first served.  Any thread; never fails. */
void workers_submit(struct workers *workers, struct worker_job *job);

#endif
