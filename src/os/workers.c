/*
 * os/workers.c: see workers.h.
 */
#include "os/workers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <uv.h>

/* The jobs need little; the default of 8 MiB would only count against memory
 * limits. */
#define STACK_SIZE ((size_t)256 * 1024)

/* A wake-up that takes longer than this counts as lost: some versions of the C
 * library rarely lose one. */
#define WAKING_NS UINT64_C(100000000)

struct workers {
    uv_mutex_t mutex;
    uv_cond_t wake;
    struct worker_job *first;
    struct worker_job *last;
    unsigned idle;
    bool waking; /* a woken worker does not run yet */
    uint64_t waking_since;
    bool stopping;
    unsigned count;
    uv_thread_t threads[];
};

static struct worker_job *take(struct workers *workers)
{
    struct worker_job *job = workers->first;

    if (job) {
        workers->first = job->next;
        if (!workers->first) {
            workers->last = NULL;
        }
    }
    return job;
}

/* Returns true if a worker should be woken.  One at a time, each wakes the next
 * when it runs, so that short jobs do not wake all of them. */
static bool must_wake(struct workers *workers)
{
    uint64_t now;

    if (!workers->first || workers->idle == 0) {
        return false;
    }
    now = uv_hrtime();
    if (workers->waking && now - workers->waking_since < WAKING_NS) {
        return false;
    }
    workers->waking = true;
    workers->waking_since = now;
    return true;
}

static void sleep_until_woken(struct workers *workers)
{
    workers->idle++;
    uv_cond_wait(&workers->wake, &workers->mutex);
    workers->idle--;
    workers->waking = false;
}

static void work(void *argument)
{
    struct workers *workers = argument;
    struct worker_job *job;
    bool wakes;

    uv_mutex_lock(&workers->mutex);
    for (;;) {
        job = take(workers);
        if (job) {
            wakes = must_wake(workers);
            uv_mutex_unlock(&workers->mutex);
            if (wakes) {
                uv_cond_signal(&workers->wake);
            }
            job->run(job);
            uv_mutex_lock(&workers->mutex);
        } else if (workers->stopping) {
            break;
        } else {
            sleep_until_woken(workers);
        }
    }
    uv_mutex_unlock(&workers->mutex);
}

static bool start(struct workers *workers, unsigned count)
{
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE,
                                   .stack_size = STACK_SIZE};

    while (workers->count < count) {
        if (uv_thread_create_ex(&workers->threads[workers->count], &options,
                                work, workers) != 0) {
            return false;
        }
        workers->count++;
    }
    return true;
}

struct workers *workers_new(unsigned count)
{
    struct workers *workers =
        calloc(1, sizeof(*workers) + count * sizeof(workers->threads[0]));

    if (!workers) {
        return NULL;
    }
    if (uv_mutex_init(&workers->mutex) != 0) {
        free(workers);
        return NULL;
    }
    if (uv_cond_init(&workers->wake) != 0) {
        uv_mutex_destroy(&workers->mutex);
        free(workers);
        return NULL;
    }
    if (!start(workers, count)) {
        workers_free(workers);
        return NULL;
    }
    return workers;
}

void workers_free(struct workers *workers)
{
    if (!workers) {
        return;
    }
    uv_mutex_lock(&workers->mutex);
    workers->stopping = true;
    uv_cond_broadcast(&workers->wake);
    uv_mutex_unlock(&workers->mutex);
    for (unsigned i = 0; i < workers->count; i++) {
        (void)uv_thread_join(&workers->threads[i]);
    }
    uv_cond_destroy(&workers->wake);
    uv_mutex_destroy(&workers->mutex);
    free(workers);
}

void workers_submit(struct workers *workers, struct worker_job *job)
{
    bool wakes;

    job->next = NULL;
    uv_mutex_lock(&workers->mutex);
    if (workers->last) {
        workers->last->next = job;
    } else {
        workers->first = job;
    }
    workers->last = job;
    wakes = must_wake(workers);
    uv_mutex_unlock(&workers->mutex);
    if (wakes) {
        uv_cond_signal(&workers->wake);
    }
}
