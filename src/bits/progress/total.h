/*
 * bits/progress/total.h: several transfers at a time, on one screen.
 *
 * Each transfer has a member as its watcher.  Different threads may use the
 * members: events are passed on one at a time, so that lines and JSON objects
 * never mix.
 *
 * On a terminal all transfers share the live line, which then covers all files
 * of the run:
 *
 *     12/40 files [=====#######>       ]  45%  1.2/2.7 GiB  11.2 MiB/s  2:13
 *
 * A run of one file keeps the line of its file.
 *
 * A failure that many files share is printed once: refusals.h.  At the end of a
 * run of several files the errors are summed up: summary.h.
 */
#ifndef BITS_PROGRESS_TOTAL_H
#define BITS_PROGRESS_TOTAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bits/progress/refusals.h"
#include "bits/progress/summary.h"
#include "bits/progress/watch.h"

/* Private. */
struct progress_total {
    pthread_mutex_t lock;
    struct say *say; /* borrowed */
    size_t members;  /* number of members */
    size_t files;
    size_t ended;
    uint64_t size;    /* bytes of all files */
    uint64_t done;    /* bytes of complete files */
    uint64_t moving;  /* bytes sent of running transfers */
    uint64_t resumed; /* of these two, what an earlier run had sent */
    size_t running;
    size_t waiting;
    bool answered;
    uint64_t shown_ms;
    struct progress_rate rate;
    uint64_t answered_ms; /* when a transfer last got an answer */
    struct refusals refusals;
    struct summary summary;
};

struct progress_member {
    struct watcher watcher;

    /* Private. */
    struct progress_watch shown;
    struct progress_total *total; /* borrowed */
    uint64_t trouble_ms;          /* the time of its first error without an
                                     answer since; 0: no error */
    bool running;                 /* the fields below belong to a running
                                     transfer */
    bool waiting;
    uint64_t moved;
    uint64_t resumed;
};

/* `size` is the sum of the files' sizes; used only for more than one file. */
void progress_total_init(struct progress_total *total, struct say *say,
                         size_t members, size_t files, uint64_t size);
void progress_total_done(struct progress_total *total);

/* Returns true if no further file can be sent.  Any thread. */
bool progress_total_is_hopeless(struct progress_total *total);

/* Prints what all failures had in common; `untried` files were skipped. */
void progress_total_sum_up(struct progress_total *total, size_t untried);

/* Call after printing the number of unsent files: prints reasons and
 * remedies. */
void progress_total_say_summary(struct progress_total *total);

void progress_member_init(struct progress_member *member,
                          struct progress_total *total);

#endif
