/*
 * client/queue/roster.h: what the process that runs the queue knows about each
 * job.
 *
 * For run.c and its tick.  No I/O except for reading the jobs.
 */
#ifndef CLIENT_QUEUE_ROSTER_H
#define CLIENT_QUEUE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/queue/queue.h"

struct queue_entry {
    char id[QUEUE_ID_LEN + 1];
    enum queue_state state;
    int64_t added_at;
    int64_t due_at;   /* seconds since 1970 */
    bool for_network; /* also due when the network returns */
    bool woken;       /* the network returned since its last try began */
    bool has_work;
    bool tried; /* in this run */
    bool asked; /* its process was asked to end */
    pid_t pid;  /* 0: no process works on it */
    int pipe;   /* owned; a socket to its process */
};

struct queue_roster {
    struct queue_entry *items;
    size_t count;
    /* Waiting jobs are tried once, if they are due by this time; 0: each time
     * they are due. */
    int64_t round_at;
};

/* Returns NULL if the job is not known. */
struct queue_entry *queue_roster_find(struct queue_roster *table,
                                      const char *id);

/* Reads one job again; it may be new or removed.  Returns 0 or an errno value:
 * the file is not valid, or memory ran out. */
int queue_roster_refresh(struct queue_roster *table, const struct queue *queue,
                         const char *id);

/* Reads all jobs; calls `trouble` for those that are not valid. */
int queue_roster_fill(struct queue_roster *table, const struct queue *queue,
                      void (*trouble)(void *context, const char *id, int error),
                      void *context);

/* The next job that needs a process.  Returns NULL if none does now. */
struct queue_entry *queue_roster_due(struct queue_roster *table, int64_t now);

/* Seconds until a job is due; -1: never. */
int64_t queue_roster_delay(const struct queue_roster *table, int64_t now);

/* Returns true if there is no job to wait for. */
bool queue_roster_is_idle(const struct queue_roster *table);

size_t queue_roster_workers(const struct queue_roster *table);

/* The network is back: makes jobs due that wait for it, or that turn out to
 * when their running try ends. */
void queue_roster_wake(struct queue_roster *table);

void queue_roster_done(struct queue_roster *table);

#endif
