/*
 * upload/active.h: the sessions that have a request running, by id.
 *
 * A session is in the table while its requests, or the store's calls for it,
 * hold a reference to it.  Some stay for a moment longer, so
 * that the next packet need not load them: those are warm.  Idle sessions are
 * not here.
 *
 * Locks: a table's mutex is taken before nothing and held briefly; an active
 * session's mutex guards everything in it.  A front end's ready() and cut()
 * are called under the session's mutex.
 */
#ifndef UPLOAD_ACTIVE_H
#define UPLOAD_ACTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "store/store.h"
#include "upload/upload.h"

struct upload_place;

enum active_phase {
    /* The store loads the row or opens the data file; requests wait.  Done ->
     * READY. */
    ACTIVE_LOADING,
    /* Packets are planned at once.  Delivery -> DELIVERING; Create, Close,
     * Cancel, expiry -> BUSY; bytes that the store does not take at once ->
     * STORING. */
    ACTIVE_READY,
    /* begin() or append() is not answered yet.  The writer, if it is still
     * there, waits for that; so do newcomers, which cut it off first if they
     * take over.  Done -> READY. */
    ACTIVE_STORING,
    /* The store delivers, or makes or releases the session; newcomers wait.
     * Done -> READY. */
    ACTIVE_DELIVERING,
    ACTIVE_BUSY,
};

/* Is what Fragments taught the row committed?  learn.c. */
enum active_learning {
    LEARNT,
    /* No.  learn_start() -> LEARNING. */
    UNLEARNT,
    /* A learn() runs.  Done -> LEARNT; failed -> UNLEARNT. */
    LEARNING,
    /* And the row has changed since it was started.  Done -> LEARNING. */
    LEARNING_MORE,
};

/* Requests in the order in which they came. */
struct active_waiters {
    struct upload_request *first;
    struct upload_request *last;
    unsigned count;
};

struct upload_active {
    struct bits_guid id;
    struct upload_active *next;   /* in the table */
    unsigned refs;                /* guarded by the table's mutex */
    struct upload_active *cooler; /* in the list of the warm, guarded too */
    struct upload_active *warmer;
    unsigned age;  /* how often active_table_cool() saw it there */
    bool was_warm; /* and its file has not been looked at since */
    struct upload_service *service;

    uv_mutex_t mutex;
    enum active_phase phase;
    enum bits_cause row_cause; /* BITS_CAUSE_OK: the row is valid;
                                  CAUSE_FENCED: not any more */
    struct store_session row;
    struct upload_place *place; /* holds a reference; set with the row.  NULL:
                                   the store may be writing the row */

    bool measured; /* file and stored are valid */
    struct store_file *file;
    struct store_file *opened; /* by file_open() that runs */
    uint64_t stored;           /* bytes */
    uint64_t probed_at;        /* offset of the last empty Fragment [F2a] */
    unsigned probes;           /* how many were accepted there */

    struct upload_request *writer; /* receives a body that is stored */
    struct upload_request *owner;  /* waits for the call of the phase */
    struct active_waiters waiters; /* for READY */

    enum active_learning learning;
    struct active_waiters learners; /* wait for the learn() */

    bool saving;                        /* a save() runs, */
    struct active_waiters saving_for;   /* for these, */
    struct active_waiters saving_after; /* and these wait for the next one */

    struct store_op *answered; /* now: active_unlock() calls their done() */
    struct store_op op;        /* of the phase; one at a time */
    struct store_op learn_op;  /* of learning */
    uint64_t learn_fence;      /* of the row that it was given */
    struct store_op save_op;   /* of saving */
    uint64_t save_fence;       /* the same */
    struct store_ending ending;
    void (*ended)(struct upload_service *service, bool well); /* or NULL */
    bool end_after_delivery;
};

#define ACTIVE_BUCKETS 1024

/* Each may hold a descriptor. */
#define ACTIVE_WARM_MAX 128

struct active_table {
    uv_mutex_t mutex;
    uv_cond_t empty; /* count is 0 */
    size_t count;    /* the warm ones, too */
    struct upload_active *coolest;
    struct upload_active *warmest;
    size_t warm;
    bool closing; /* no session stays warm any more */
    struct upload_active *buckets[ACTIVE_BUCKETS];
};

int active_table_init(struct active_table *table);

/* Blocks until the last session has left; none stays warm any more. */
void active_table_wait(struct active_table *table);

/* After active_table_wait(). */
void active_table_done(struct active_table *table);

/* Sessions that are in use, at most `max`, each with a reference for the
 * caller.  Returns how many. */
size_t active_table_borrow(struct active_table *table,
                           struct upload_active **ret_sessions, size_t max);

/* Frees a session that is only warm. */
void active_table_drop(struct active_table *table, const struct bits_guid *id);

/* Frees the warm sessions that were here `age` times, which is 0 for all. */
void active_table_cool(struct active_table *table, unsigned age);

/* The session with a reference for the caller, new in phase LOADING if it was
 * not there (*ret_new).  NULL: no memory. */
struct upload_active *active_acquire(struct active_table *table,
                                     struct upload_service *service,
                                     const struct bits_guid *id, bool *ret_new);

/* One more reference. */
void active_ref(struct active_table *table, struct upload_active *active);

/* Gives one back; with the last one the session may be freed, with the
 * store_ops in it: for a done() of the store it is the last thing to do.  The
 * session's mutex must not be held. */
void active_release(struct active_table *table, struct upload_active *active);

/* How the store answered a call that was made under the session's mutex.
 * done() takes the mutex, so for an answer that came now active_unlock() calls
 * it. */
void active_called(struct upload_active *active, struct store_op *op,
                   enum store_when when);

/* Releases the session's mutex, then calls done() for what was answered now.
 * Without a reference of its own the caller must not touch the session
 * afterwards. */
void active_unlock(struct upload_active *active);

/* BITS_CAUSE_OK, or why its place is away.  A session that has ended has none.
 */
enum bits_cause active_away(const struct upload_active *active);

/* Was it warm, and its data file has changed meanwhile?  To be asked before a
 * packet is planned; the row and the file must be loaded again then. */
bool active_is_stale(struct upload_active *active);

/* Heeds an answer of the store: after CAUSE_FENCED another process has the
 * session, and the next packet has the row loaded again. */
void active_heed(struct upload_active *active, enum bits_cause cause);

/* Closes the data file; it is measured again when a request needs it. */
void active_forget_file(struct upload_active *active);

void active_wait(struct active_waiters *waiters,
                 struct upload_request *request);
struct upload_request *active_next_waiter(struct active_waiters *waiters);
void active_stop_waiting(struct active_waiters *waiters,
                         struct upload_request *request);

#endif
