/*
 * client/queue/table.h: what a process that runs the queue remembers of each
 * job.
 *
 * Private to run.c.  No I/O but for reading the jobs.
 */
#ifndef CLIENT_QUEUE_TABLE_H
#define CLIENT_QUEUE_TABLE_H

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
    bool asked; /* its process was told to end */
    pid_t pid;  /* 0: nobody works on it */
    int pipe;   /* owns; a socket, its other end is the process's */
};

struct queue_table {
    struct queue_entry *items;
    size_t count;
};

/* NULL: not known. */
struct queue_entry *queue_table_find(struct queue_table *table, const char *id);

/* Reads one job anew, also one that is new or gone.  0, or errno: the file
 * makes no sense, or out of memory. */
int queue_table_refresh(struct queue_table *table, const struct queue *queue,
                        const char *id);

/* Reads all of them; `trouble` is called for those that make no sense. */
int queue_table_fill(struct queue_table *table, const struct queue *queue,
                     void (*trouble)(void *context, const char *id, int error),
                     void *context);

/* The next one that somebody is to work on; NULL: none now. */
struct queue_entry *queue_table_due(struct queue_table *table, int64_t now);

/* Seconds until one is due; -1: none will be. */
int64_t queue_table_delay(const struct queue_table *table, int64_t now);

/* Is there anything left to wait for? */
bool queue_table_is_idle(const struct queue_table *table);

size_t queue_table_workers(const struct queue_table *table);

/* What waits for the network is due, and so is what turns out to wait for it
 * while it came. */
void queue_table_wake(struct queue_table *table);

void queue_table_done(struct queue_table *table);

#endif
