/*
 * client/queue/ended.c: jobs that ended; see queue.h.
 */
#include "client/queue/queue.h"

#include "options/list.h"

/* How long ended jobs are kept, in seconds. */
#define KEEP_DONE ((int64_t)7 * 86400)
#define KEEP_FAILED ((int64_t)90 * 86400)

static bool is_old(const struct queue_job *job, int64_t now)
{
    int64_t age = now - job->ended_at;

    return !job->then_due &&
           ((job->state == QUEUE_DONE && age > KEEP_DONE) ||
            (job->state == QUEUE_FAILED && age > KEEP_FAILED));
}

void queue_sweep(const struct queue *queue, int64_t now)
{
    struct string_list ids;
    struct queue_job job;

    if (queue_list(queue, &ids) != 0) {
        return;
    }
    for (size_t i = 0; i < ids.count; i++) {
        if (queue_load(queue, ids.items[i], &job) != 0) {
            continue;
        }
        if (is_old(&job, now)) {
            (void)queue_remove(queue, ids.items[i]);
        }
        queue_job_done(&job);
    }
    string_list_done(&ids);
}
