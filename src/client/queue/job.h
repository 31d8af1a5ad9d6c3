/*
 * client/queue/job.h: one upload of the queue, as stored.
 */
#ifndef CLIENT_QUEUE_JOB_H
#define CLIENT_QUEUE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "client/exit.h"
#include "client/settings/settings.h"

/* In hex digits. */
#define QUEUE_ID_LEN 8

/* `remove` turns each of them into ENDING. */
enum queue_state {
    QUEUE_WAITING, /* until its turn or its next try, or running; then DONE or
                      FAILED; `pause`: PAUSED */
    QUEUE_PAUSED,  /* until `resume`, or until its running upload has ended */
    QUEUE_DONE,    /* forgotten after a week */
    QUEUE_FAILED,  /* permanently; `retry`: WAITING; forgotten after 90 days */
    QUEUE_ENDING,  /* to be cancelled at the server; then removed */
};

/* Seconds from a failed try to the next one, unless Retry-After sets another
 * delay. */
int64_t queue_retry_seconds(void);

struct queue_job {
    char id[QUEUE_ID_LEN + 1];
    char *path;   /* owned; absolute */
    char *below;  /* owned; the walked folder above path: links below it are not
                     followed; NULL: the user named path itself */
    char *url;    /* owned */
    char *name;   /* owned; Content-Name */
    char *folder; /* owned; the working folder of --then */
    struct settings settings;

    enum queue_state state;
    int64_t added_at; /* seconds since 1970, like all times here */
    int64_t next_try_at;
    int64_t stalled_at; /* the first error without progress since; 0: no
                           error */
    int64_t ended_at;   /* DONE, FAILED */
    uint64_t size;      /* bytes, when it was last checked */
    uint64_t best;      /* highest number of bytes that the server had */
    bool for_network;   /* the last error was one of the network */
    bool then_due;      /* --then has not run yet */

    enum client_exit exit; /* DONE, FAILED */
    unsigned status;       /* HTTP, of the last error; 0: no answer */
    uint32_t hresult;
    struct fault fault; /* of the last error; empty: no error */
};

void queue_job_init(struct queue_job *job);
void queue_job_done(struct queue_job *job);

/* "waiting" */
const char *queue_state_name(enum queue_state state);

/* Returns NULL if memory ran out. */
json_t *queue_job_to_json(const struct queue_job *job);

/* Fills an initialised job, except its id.  Returns false if the object is not
 * valid, or if memory ran out; call queue_job_done() in any case. */
bool queue_job_from_json(struct queue_job *job, const json_t *object);

#endif
