/*
 * store/local/index.h: the one thread that owns the database, and its queue.
 *
 * Whatever queued while the last transaction was committed is the next
 * transaction; it is durable when one of its jobs asks for that.  A job's
 * run() is called inside the transaction, done() after its commit, both on
 * the index's thread, in the order of submission.
 */
#ifndef STORE_LOCAL_INDEX_H
#define STORE_LOCAL_INDEX_H

#include "store/local/database.h"

struct index;

/* Embedded in what it is about.  It may be submitted again from done(), which
 * may also free it. */
struct index_job {
    enum database_need need;
    /* Its answer becomes `cause` when the commit succeeds; else `cause` is
     * why the whole transaction was rolled back. */
    enum bits_cause (*run)(struct index_job *job, struct database *database);
    void (*done)(struct index_job *job);

    enum bits_cause cause;
    const char *detail;     /* valid during done(); empty if there is nothing */
    struct index_job *next; /* the index's, while it waits */
};

/* Opens or creates the index in the folder; see database_open().  NULL: the
 * fault says why. */
struct index *index_open(const char *folder, uint64_t max_markers,
                         struct fault *ret_fault);

/* Runs everything that was submitted, then closes.  Accepts NULL. */
void index_close(struct index *index);

/* Any thread; never fails. */
void index_submit(struct index *index, struct index_job *job);

/* The same for a job whose end no client waits for: it runs with the next one
 * that is submitted, or when index_hurry() is called. */
void index_submit_later(struct index *index, struct index_job *job);
void index_hurry(struct index *index);

/* Submits and waits; for opening and closing only.  done is not called. */
enum bits_cause index_run(struct index *index, struct index_job *job,
                          struct fault *ret_fault);

/* Which index this is; terminated. */
const char *index_id(const struct index *index);

#endif
