/*
 * bits/commands/queue_live.h: the live line of `bits queue run`.
 *
 *     2 running, 3 waiting [=====#####>     ]  45%  1.2/2.7 GiB  11.2 MiB/s
 * 2:13
 *
 * Counts the bytes of the jobs of this run from their records, because the
 * uploads are other processes.
 */
#ifndef BITS_COMMANDS_QUEUE_LIVE_H
#define BITS_COMMANDS_QUEUE_LIVE_H

#include "bits/progress/progress.h"
#include "bits/say.h"
#include "client/home.h"
#include "client/queue/queue.h"
#include "client/queue/roster.h"

struct queue_live_job {
    char id[QUEUE_ID_LEN + 1];
    uint64_t size;
    uint64_t begun_at; /* bytes that the server had before this run */
    uint64_t arrived;
};

struct queue_live {
    struct say *say;           /* borrowed */
    const struct queue *queue; /* borrowed */
    struct home records;       /* fd -1: no records */
    struct queue_live_job *jobs;
    size_t count;
    struct progress_rate rate;
};

void queue_live_init(struct queue_live *live, struct say *say,
                     const struct queue *queue);
void queue_live_done(struct queue_live *live);

/* Shows the line, or removes it if no job runs. */
void queue_live_show(struct queue_live *live,
                     const struct queue_roster *roster);

#endif
