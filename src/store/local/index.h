/*
 * store/local/index.h: the thread that owns the database, and its queue.
 *
 * Jobs that queued during one commit form the next transaction; it is durable
 * if one of them asks for that.  The thread calls run() inside the transaction
 * and done() after its commit, both in the order of submission.
 */
#ifndef STORE_LOCAL_INDEX_H
#define STORE_LOCAL_INDEX_H

#include "store/local/database.h"

struct index;

/* Embedded in the struct it works on. done() may submit it again or free it. */
struct index_job {
    enum database_need need;
    /* Its result becomes `cause` if the commit succeeds; otherwise `cause` is
     * why the whole transaction was rolled back. */
    enum bits_cause (*run)(struct index_job *job, struct database *database);
    void (*done)(struct index_job *job);

    enum bits_cause cause;
    const char *detail;     /* valid during done(); empty: no detail */
    struct index_job *next; /* the index's, while the job waits */
};

/* Opens or creates the index in the folder; see database_open().  Returns NULL
 * with the reason in the fault if that failed. */
struct index *index_open(const char *folder, uint64_t max_markers,
                         struct fault *ret_fault);

/* Runs every submitted job, then closes.  Accepts NULL. */
void index_close(struct index *index);

/* Any thread; never fails. */
void index_submit(struct index *index, struct index_job *job);

/* The same for a job that no client waits for: it runs together with the next
 * submitted job, or at index_hurry(). */
void index_submit_later(struct index *index, struct index_job *job);
void index_hurry(struct index *index);

/* Submits the job and blocks until it is done, without calling done().  For
 * opening and closing only. */
enum bits_cause index_run(struct index *index, struct index_job *job,
                          struct fault *ret_fault);

/* The id of this index; terminated. */
const char *index_id(const struct index *index);

#endif
