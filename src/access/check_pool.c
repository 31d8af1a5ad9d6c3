/*
 * access/check_pool.c: see check_pool.h.
 */
#include "access/check_pool.h"

#include <stddef.h>

#include "base/compiler.h"

static void delist(struct check_pool *pool, const struct check_job *job)
{
    struct check_job **link = &pool->jobs;

    while (*link != job) {
        link = &(*link)->next;
    }
    *link = job->next;
    pool->count--;
}

/* A request may be released as soon as it was told. */
static void tell_all(const struct check_pool *pool, struct check_job *job)
{
    struct access_check *check = job->waiting;

    while (check) {
        struct access_check *next = check->next;

        check->state = NULL;
        check->verdict = pool->ops->decide(job, check);
        check->decided(check);
        check = next;
    }
}

/* Ends a job whose requests have all been released: a server that stops would
 * otherwise run every check that still waits. */
static bool give_up(struct check_pool *pool, struct check_job *job)
{
    bool is_needed;

    uv_mutex_lock(&pool->mutex);
    is_needed = job->waiting != NULL;
    if (!is_needed) {
        delist(pool, job);
        pool->ops->ended(job, /* was_run= */ false);
    }
    uv_mutex_unlock(&pool->mutex);
    return !is_needed;
}

static void run(struct worker_job *worker_job)
{
    struct check_job *job = CONTAINER_OF(worker_job, struct check_job, job);
    struct check_pool *pool = job->pool;

    if (!give_up(pool, job)) {
        pool->ops->run(job);
        uv_mutex_lock(&pool->mutex);
        delist(pool, job);
        pool->ops->ended(job, /* was_run= */ true);
        tell_all(pool, job);
        uv_mutex_unlock(&pool->mutex);
    }
    pool->ops->free(job);
}

void check_job_join(struct check_job *job, struct access_check *check)
{
    check->state = job;
    check->next = job->waiting;
    job->waiting = check;
}

void check_pool_start(struct check_pool *pool, struct check_job *job,
                      struct access_check *check)
{
    job->pool = pool;
    job->job.run = run;
    job->next = pool->jobs;
    pool->jobs = job;
    pool->count++;
    check_job_join(job, check);
    workers_submit(pool->workers, &job->job);
}

void check_pool_forget(struct check_pool *pool, struct access_check *check)
{
    struct check_job *job;

    uv_mutex_lock(&pool->mutex);
    job = check->state;
    if (job) {
        struct access_check **link = &job->waiting;

        while (*link != check) {
            link = &(*link)->next;
        }
        *link = check->next;
    }
    uv_mutex_unlock(&pool->mutex);
}

bool check_pool_init(struct check_pool *pool, const struct check_pool_ops *ops,
                     unsigned threads)
{
    *pool = (struct check_pool){.ops = ops};
    if (uv_mutex_init(&pool->mutex) != 0) {
        return false;
    }
    pool->workers = workers_new(threads);
    if (!pool->workers) {
        uv_mutex_destroy(&pool->mutex);
        return false;
    }
    return true;
}

void check_pool_done(struct check_pool *pool)
{
    workers_free(pool->workers);
    uv_mutex_destroy(&pool->mutex);
}
