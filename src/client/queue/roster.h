/*
 * client/queue/roster.h: what a process that runs the queue remembers of each
 * job.
 *
 * For run.c, and for its tick.  No I/O but for reading the jobs.
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
    bool for_network; /* due when the network comes back, too */
    bool woken;       /* the network came since its last try began */
    bool has_work;
    bool tried; /* in this run */
    bool asked; /* its process was told to end */
    pid_t pid;  /* 0: no process works on it */
    int pipe;   /* owns; a socket, its other end is the process's */
};

struct queue_roster {
    struct queue_entry *items;
    size_t count;
    /* Jobs that wait are tried once, if they are due by then; 0: again and
     * again, when they are due. */
    int64_t round_at;
};

/* NULL: not known. */
struct queue_entry *queue_roster_find(struct queue_roster *table,
                                      const char *id);

/* Reads one job anew, also one that is new or gone.  0, or errno: the file
 * makes no sense, or out of memory. */
int queue_roster_refresh(struct queue_roster *table, const struct queue *queue,
                         const char *id);

/* Reads all of them; `trouble` is called for those that make no sense. */
int queue_roster_fill(struct queue_roster *table, const struct queue *queue,
                      void (*trouble)(void *context, const char *id, int error),
                      void *context);

/* The next one that needs a process; NULL: none now. */
struct queue_entry *queue_roster_due(struct queue_roster *table, int64_t now);

/* Seconds until one is due; -1: none will be. */
int64_t queue_roster_delay(const struct queue_roster *table, int64_t now);

/* Is there anything left to wait for? */
bool queue_roster_is_idle(const struct queue_roster *table);

size_t queue_roster_workers(const struct queue_roster *table);

/* What waits for the network is due, and so is what turns out to wait for it
 * while it came. */
void queue_roster_wake(struct queue_roster *table);

void queue_roster_done(struct queue_roster *table);

#endif
