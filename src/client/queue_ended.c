/*
 * client/queue_ended.c: jobs that ended; see queue.h.
 */
#include "client/queue.h"

#include "config/list.h"

/* Seconds that ended jobs are remembered. */
#define KEEP_DONE ((int64_t)7 * 86400)
#define KEEP_FAILED ((int64_t)90 * 86400)

static void for_each(const struct queue *queue,
                     void (*visit)(const struct queue *queue,
                                   const struct queue_job *job, void *context),
                     void *context)
{
    struct config_list ids;
    struct queue_job job;

    if (queue_list(queue, &ids) != 0) {
        return;
    }
    for (size_t i = 0; i < ids.count; i++) {
        if (queue_load(queue, ids.items[i], &job) == 0) {
            visit(queue, &job, context);
            queue_job_done(&job);
        }
    }
    config_list_done(&ids);
}

struct failures {
    int64_t since;
    bool found;
};

static void note_failed(const struct queue *queue, const struct queue_job *job,
                        void *context)
{
    struct failures *failures = context;

    (void)queue;
    if (job->state == QUEUE_FAILED && job->ended_at >= failures->since) {
        failures->found = true;
    }
}

bool queue_has_failed(const struct queue *queue, int64_t since)
{
    struct failures failures = {.since = since};

    for_each(queue, note_failed, &failures);
    return failures.found;
}

static void forget_old(const struct queue *queue, const struct queue_job *job,
                       void *context)
{
    const int64_t *now = context;
    int64_t age = *now - job->ended_at;

    if (!job->then_due && ((job->state == QUEUE_DONE && age > KEEP_DONE) ||
                           (job->state == QUEUE_FAILED && age > KEEP_FAILED))) {
        (void)queue_remove(queue, job->id);
    }
}

void queue_sweep(const struct queue *queue, int64_t now)
{
    for_each(queue, forget_old, &now);
}
