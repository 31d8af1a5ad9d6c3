/*
 * bits/commands/queue_live.c: see queue_live.h.
 */
#include "bits/commands/queue_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/monotonic.h"
#include "client/transfer/record.h"

void queue_live_init(struct queue_live *live, struct say *say,
                     const struct queue *queue)
{
    struct fault fault;

    *live = (struct queue_live){.say = say, .queue = queue};
    (void)home_open(&live->records, "uploads", &fault); /* otherwise unknown */
}

void queue_live_done(struct queue_live *live)
{
    say_live(live->say, "");
    home_done(&live->records);
    free(live->jobs);
}

/* Bytes that the server has. */
static uint64_t offset_of(const struct queue_live *live,
                          const struct queue_job *job)
{
    struct record record = {.folder = -1, .lock = -1};
    uint64_t offset = 0;

    if (job->state == QUEUE_DONE) {
        return job->size;
    }
    if (live->records.fd >= 0 &&
        record_peek(&record, live->records.fd, job->url, job->path)) {
        offset = record.transfer.offset;
    }
    record_close(&record);
    return offset < job->size ? offset : job->size;
}

static struct queue_live_job *find(struct queue_live *live, const char *id)
{
    for (size_t i = 0; i < live->count; i++) {
        if (strcmp(live->jobs[i].id, id) == 0) {
            return &live->jobs[i];
        }
    }
    return NULL;
}

/* Returns NULL if memory ran out; the line then omits the job. */
static struct queue_live_job *add(struct queue_live *live, const char *id,
                                  uint64_t begun_at)
{
    struct queue_live_job *jobs =
        reallocarray(live->jobs, live->count + 1, sizeof(jobs[0]));

    if (!jobs) {
        return NULL;
    }
    live->jobs = jobs;
    jobs[live->count] = (struct queue_live_job){.begun_at = begun_at};
    memcpy(jobs[live->count].id, id, sizeof(jobs[0].id));
    return &jobs[live->count++];
}

/* Updates a job that runs, or ran at the last update. */
static void look(struct queue_live *live, const char *id, bool runs)
{
    struct queue_live_job *entry = find(live, id);
    struct queue_job job;
    uint64_t offset;

    if ((!entry && !runs) || queue_load(live->queue, id, &job) != 0) {
        return;
    }
    offset = offset_of(live, &job);
    entry = entry ? entry : add(live, id, offset);
    if (entry) {
        entry->size = job.size;
        entry->arrived = offset;
    }
    queue_job_done(&job);
}

static struct progress add_up(const struct queue_live *live)
{
    struct progress sum = {.state = PROGRESS_SENDING};

    for (size_t i = 0; i < live->count; i++) {
        sum.size += live->jobs[i].size;
        sum.done += live->jobs[i].arrived;
        sum.resumed += live->jobs[i].begun_at < live->jobs[i].arrived
                           ? live->jobs[i].begun_at
                           : live->jobs[i].arrived;
    }
    return sum;
}

void queue_live_show(struct queue_live *live, const struct queue_roster *roster)
{
    size_t running = queue_roster_workers(roster);
    unsigned width = say_width(live->say);
    size_t waiting = 0;
    struct progress sum;
    char name[64];
    char line[PROGRESS_LINE_MAX];

    for (size_t i = 0; i < roster->count; i++) {
        const struct queue_entry *entry = &roster->items[i];

        look(live, entry->id, entry->pid != 0);
        waiting += entry->pid == 0 && entry->state == QUEUE_WAITING;
    }
    if (running == 0) {
        say_live(live->say, "");
        return;
    }
    sum = add_up(live);
    progress_rate_note(&live->rate, monotonic_ms(), sum.done - sum.resumed);
    sum.rate = progress_rate_value(&live->rate);
    sum.resumed = 0; /* this run may have sent bytes before the first update */
    sum.name = name;
    (void)snprintf(name, sizeof(name), "%zu running, %zu waiting", running,
                   waiting);
    progress_live(&sum, width > 1 ? width - 1 : 1, line);
    say_live(live->say, line);
}
