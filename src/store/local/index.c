/*
 * store/local/index.c: see index.h.
 */
#include "store/local/index.h"

#include <stdlib.h>

#include <uv.h>

struct index {
    struct database database; /* used by the thread while it runs */

    uv_thread_t thread;
    uv_mutex_t mutex; /* guards what follows */
    uv_cond_t wake;
    struct index_job *first;
    struct index_job *last;
    bool sleeping; /* and it has not been woken yet */
    bool stopping;
};

/* Takes all waiting jobs.  Returns NULL when stopping and no job is left. */
static struct index_job *take_batch(struct index *index)
{
    struct index_job *first;

    uv_mutex_lock(&index->mutex);
    while (!index->first && !index->stopping) {
        index->sleeping = true;
        uv_cond_wait(&index->wake, &index->mutex);
        index->sleeping = false;
    }
    first = index->first;
    index->first = NULL;
    index->last = NULL;
    uv_mutex_unlock(&index->mutex);
    return first;
}

static enum database_load load_of(struct index *index)
{
    bool idle;

    uv_mutex_lock(&index->mutex);
    idle = !index->first;
    uv_mutex_unlock(&index->mutex);
    return idle ? DATABASE_IDLE : DATABASE_BUSY;
}

static enum database_need need_of(const struct index_job *job)
{
    enum database_need need = DATABASE_READ;

    for (; job; job = job->next) {
        if (job->need > need) {
            need = job->need;
        }
    }
    return need;
}

static void run_batch(struct database *database, struct index_job *first)
{
    bool ok = database_begin(database, need_of(first));

    for (struct index_job *job = first; ok && job; job = job->next) {
        job->cause = job->run(job, database);
        ok = database->cause == BITS_CAUSE_OK;
    }
    if (ok) {
        ok = database_commit(database);
    } else {
        database_rollback(database);
    }
    if (ok) {
        return;
    }
    for (struct index_job *job = first; job; job = job->next) {
        job->cause = database->cause;
    }
}

static void tell_batch(struct database *database, struct index_job *job)
{
    struct index_job *next;

    for (; job; job = next) {
        next = job->next;
        job->detail =
            database->cause == BITS_CAUSE_OK ? "" : database->fault.text;
        job->done(job);
    }
}

static void work(void *argument)
{
    struct index *index = argument;
    struct index_job *first;

    while ((first = take_batch(index))) {
        run_batch(&index->database, first);
        tell_batch(&index->database, first);
        database_checkpoint(&index->database, load_of(index));
    }
}

static void push(struct index *index, struct index_job *job)
{
    job->next = NULL;
    if (index->last) {
        index->last->next = job;
    } else {
        index->first = job;
    }
    index->last = job;
}

/* Call under the mutex: when the job is done, the index may be closed. */
static void wake(struct index *index)
{
    if (index->sleeping) {
        uv_cond_signal(&index->wake);
    }
    index->sleeping = false;
}

void index_submit(struct index *index, struct index_job *job)
{
    uv_mutex_lock(&index->mutex);
    push(index, job);
    wake(index);
    uv_mutex_unlock(&index->mutex);
}

void index_submit_later(struct index *index, struct index_job *job)
{
    uv_mutex_lock(&index->mutex);
    push(index, job);
    uv_mutex_unlock(&index->mutex);
}

void index_hurry(struct index *index)
{
    uv_mutex_lock(&index->mutex);
    wake(index);
    uv_mutex_unlock(&index->mutex);
}

/* Wraps a job that a caller waits for. */
struct waiting {
    struct index_job job;
    struct index_job *inner;
    struct fault *fault;
    uv_sem_t semaphore;
};

static enum bits_cause run_inner(struct index_job *job,
                                 struct database *database)
{
    struct waiting *waiting = CONTAINER_OF(job, struct waiting, job);

    return waiting->inner->run(waiting->inner, database);
}

static void inner_done(struct index_job *job)
{
    struct waiting *waiting = CONTAINER_OF(job, struct waiting, job);

    (void)fault_set(waiting->fault, "%s", job->detail);
    uv_sem_post(&waiting->semaphore);
}

enum bits_cause index_run(struct index *index, struct index_job *job,
                          struct fault *ret_fault)
{
    struct waiting waiting = {
        .job = {.need = job->need, .run = run_inner, .done = inner_done},
        .inner = job,
        .fault = ret_fault,
    };

    if (uv_sem_init(&waiting.semaphore, 0) != 0) {
        return cause_fault(ret_fault, CAUSE_OVERLOADED, "no memory");
    }
    index_submit(index, &waiting.job);
    uv_sem_wait(&waiting.semaphore);
    uv_sem_destroy(&waiting.semaphore);
    return waiting.job.cause;
}

const char *index_id(const struct index *index)
{
    return index->database.id;
}

static bool start(struct index *index)
{
    if (uv_mutex_init(&index->mutex) != 0) {
        return false;
    }
    if (uv_cond_init(&index->wake) != 0) {
        uv_mutex_destroy(&index->mutex);
        return false;
    }
    if (uv_thread_create(&index->thread, work, index) != 0) {
        uv_cond_destroy(&index->wake);
        uv_mutex_destroy(&index->mutex);
        return false;
    }
    return true;
}

struct index *index_open(const char *folder, uint64_t max_markers,
                         struct fault *ret_fault)
{
    struct index *index = calloc(1, sizeof(*index));

    if (!index) {
        (void)fault_set(ret_fault, "no memory");
        return NULL;
    }
    if (!database_open(&index->database, folder, max_markers)) {
        *ret_fault = index->database.fault;
    } else if (!start(index)) {
        (void)fault_set(ret_fault, "cannot start a thread");
    } else {
        return index;
    }
    database_close(&index->database);
    free(index);
    return NULL;
}

void index_close(struct index *index)
{
    if (!index) {
        return;
    }
    uv_mutex_lock(&index->mutex);
    index->stopping = true;
    uv_cond_signal(&index->wake);
    uv_mutex_unlock(&index->mutex);
    (void)uv_thread_join(&index->thread);
    uv_cond_destroy(&index->wake);
    uv_mutex_destroy(&index->mutex);
    database_close(&index->database);
    free(index);
}
