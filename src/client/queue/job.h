/*
 * client/queue/job.h: one upload that waits in the queue, as it is written
 * down.
 */
#ifndef CLIENT_QUEUE_JOB_H
#define CLIENT_QUEUE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "client/exit.h"
#include "client/settings/settings.h"

/* Hex digits. */
#define QUEUE_ID_LEN 8

/* `remove` makes ENDING of any of them. */
enum queue_state {
    QUEUE_WAITING, /* for its turn or its next try, or it runs; DONE or FAILED
                      when it has ended, PAUSED by `pause` */
    QUEUE_PAUSED,  /* until `resume`, or its upload ends that was running */
    QUEUE_DONE,    /* forgotten after a week */
    QUEUE_FAILED,  /* for good; WAITING by `retry`, forgotten after 90 days */
    QUEUE_ENDING,  /* to be cancelled at the server; then it is removed */
};

/* From a try that failed to the next one, if no Retry-After says when. */
int64_t queue_retry_seconds(void);

struct queue_job {
    char id[QUEUE_ID_LEN + 1];
    char *path;   /* owns; absolute */
    char *below;  /* owns; the folder above path that was walked, links below
                     which are not followed; NULL: path was named itself */
    char *url;    /* owns */
    char *name;   /* owns; Content-Name */
    char *folder; /* owns; where --then is run */
    struct settings settings;

    enum queue_state state;
    int64_t added_at; /* seconds since 1970, like all times here */
    int64_t next_try_at;
    int64_t stalled_at; /* the first error without progress since; 0: none */
    int64_t ended_at;   /* DONE, FAILED */
    uint64_t size;      /* bytes, as it was last seen */
    uint64_t best;      /* bytes that the server had at most */
    bool for_network;   /* the last error was one of the line */
    bool then_due;      /* --then has not been run yet */

    enum client_exit exit; /* DONE, FAILED */
    unsigned status;       /* HTTP, of the last error; 0: none */
    uint32_t hresult;
    struct fault fault; /* of the last error; empty: none */
};

void queue_job_init(struct queue_job *job);
void queue_job_done(struct queue_job *job);

/* "waiting" */
const char *queue_state_name(enum queue_state state);

/* NULL: out of memory. */
json_t *queue_job_to_json(const struct queue_job *job);

/* Fills in a job that was initialised, but for its id.  False: it makes no
 * sense, or out of memory; queue_job_done() is due all the same. */
bool queue_job_from_json(struct queue_job *job, const json_t *object);

#endif
