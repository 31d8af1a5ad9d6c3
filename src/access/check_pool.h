/*
 * access/check_pool.h: checks that take too long for an event thread, at most
 * `max` of them, on threads of their own.
 *
 * Several requests may wait for one check.  The mutex guards the list of checks
 * and the requests that wait for them; the owner may guard more by it. "Locked"
 * below: the caller holds the mutex.
 */
#ifndef ACCESS_CHECK_POOL_H
#define ACCESS_CHECK_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "os/workers.h"
#include "server/uploads/access.h"

struct check_pool;

/* One check, embedded in the owner's struct, all of it zero. */
struct check_job {
    struct worker_job job;
    struct check_pool *pool;
    struct check_job *next;       /* in the pool's list */
    struct access_check *waiting; /* requests; NULL: all are released */
};

struct check_pool_ops {
    /* On a worker. */
    void (*run)(struct check_job *job);

    /* Locked, after run(): sets what a request that waits needs to know, and
     * returns the verdict. */
    enum access_verdict (*decide)(struct check_job *job,
                                  struct access_check *check);

    /* Locked, once for each job, which is not in the list any more, and before
     * any decide(). was_run: false if no request waited when its turn came. */
    void (*ended)(struct check_job *job, bool was_run);

    /* After that. */
    void (*free)(struct check_job *job);
};

struct check_pool {
    const struct check_pool_ops *ops;
    uv_mutex_t mutex;
    struct workers *workers;
    struct check_job *jobs;
    uint64_t count;
    uint64_t max; /* the owner sets it, locked */
};

/* Returns false if memory or threads ran out. */
bool check_pool_init(struct check_pool *pool, const struct check_pool_ops *ops,
                     unsigned threads);

/* No request waits any more. */
void check_pool_done(struct check_pool *pool);

/* Locked: starts a check that `check` waits for. */
void check_pool_start(struct check_pool *pool, struct check_job *job,
                      struct access_check *check);

/* Locked: lets a request wait for a check in the list. */
void check_job_join(struct check_job *job, struct access_check *check);

/* Locks.  A request is released before it was decided; or afterwards, which
 * changes nothing. */
void check_pool_forget(struct check_pool *pool, struct access_check *check);

#endif
