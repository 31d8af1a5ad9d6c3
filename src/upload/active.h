/*
 * upload/active.h: the sessions that have a request running, by id.
 *
 * A session is in the table while its requests, or the store's calls for it,
 * hold a reference to it.  Some stay a little longer, so that the next packet
 * need not load them: they are warm.  Idle sessions are not in the table.
 *
 * Locks: a thread that holds the table's mutex takes no other one and releases
 * it soon.  A session's mutex guards all its members that name no other one.
 * The service calls a front end's ready() and cut() under the session's
 * mutex.
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
    /* The store loads the row or opens the data file; requests wait.  When it
     * is done: READY. */
    ACTIVE_LOADING,
    /* Packets are planned at once.  A delivery leads to DELIVERING; Create,
     * Close, Cancel and expiry to BUSY; bytes that the store does not take at
     * once to STORING. */
    ACTIVE_READY,
    /* The store has not answered begin() or append() yet.  The writer, if there
     * is one, waits for the answer.  Newer requests wait, too; they first cut
     * the writer off if they take over.  When it is done: READY. */
    ACTIVE_STORING,
    /* The store delivers, or makes or releases the session; newer requests
     * wait.  When it is done: READY. */
    ACTIVE_DELIVERING,
    ACTIVE_BUSY,
};

/* Whether the changes of Fragments to the row are committed; see learn.c. */
enum active_learning {
    LEARNT,
    /* They are not.  learn_start() leads to LEARNING. */
    UNLEARNT,
    /* A learn() runs.  Success leads to LEARNT, failure to UNLEARNT. */
    LEARNING,
    /* A learn() runs, and the row has changed since it began.  Success leads
     * to LEARNING. */
    LEARNING_MORE,
};

/* Requests in the order of their arrival. */
struct active_waiters {
    struct upload_request *first;
    struct upload_request *last;
    unsigned count;
};

struct upload_active {
    struct bits_guid id;
    struct upload_active *next;   /* in the table */
    unsigned refs;                /* guarded by the table's mutex */
    struct upload_active *cooler; /* in the list of warm sessions; guarded by
                                     the table's mutex, as the next three */
    struct upload_active *warmer;
    unsigned age;  /* calls of active_table_cool() since it became warm */
    bool was_warm; /* and its file has not been checked since */
    struct upload_service *service;

    uv_mutex_t mutex;
    enum active_phase phase;
    enum bits_cause row_cause; /* BITS_CAUSE_OK: the row is valid;
                                  CAUSE_FENCED: it no longer is */
    struct store_session row;
    struct upload_place *place; /* holds a reference; set with the row.  NULL:
                                   the store may be writing the row */

    bool measured; /* file and stored are valid */
    struct store_file *file;
    struct store_file *opened; /* the running file_open() writes it */
    uint64_t stored;           /* bytes */
    uint64_t probed_at;        /* offset of the last empty Fragment [F2a] */
    unsigned probes;           /* how many were accepted there */

    struct upload_request *writer; /* receives a body that is stored */
    struct upload_request *owner;  /* waits for the call of the phase */
    struct active_waiters waiters; /* for READY */

    enum active_learning learning;
    struct active_waiters learners; /* wait for the learn() */

    bool saving;                        /* a save() runs */
    struct active_waiters saving_for;   /* wait for this save() */
    struct active_waiters saving_after; /* wait for the next one */

    struct store_op *answered; /* at once: active_unlock() calls their done() */
    struct store_op op;        /* of the phase; one at a time */
    struct store_op learn_op;  /* of learning */
    uint64_t learn_fence;      /* of the row that learn() got */
    struct store_op save_op;   /* of saving */
    uint64_t save_fence;       /* of the row at the start of save() */
    struct store_ending ending;
    void (*ended)(struct upload_service *service, bool well); /* or NULL */
    bool end_after_delivery;
};

#define ACTIVE_BUCKETS 1024

/* Each warm session may hold a descriptor. */
#define ACTIVE_WARM_MAX 128

struct active_table {
    uv_mutex_t mutex;
    uv_cond_t empty; /* count is 0 */
    size_t count;    /* of all sessions, warm ones included */
    struct upload_active *coolest;
    struct upload_active *warmest;
    size_t warm;
    bool closing; /* no session becomes warm any more */
    struct upload_active *buckets[ACTIVE_BUCKETS];
};

int active_table_init(struct active_table *table);

/* Frees the warm sessions and blocks until the last session has left. */
void active_table_wait(struct active_table *table);

/* Call after active_table_wait(). */
void active_table_done(struct active_table *table);

/* Writes at most `max` sessions that are in use, each with a reference for the
 * caller.  Returns their number. */
size_t active_table_borrow(struct active_table *table,
                           struct upload_active **ret_sessions, size_t max);

/* Frees the session if it is warm. */
void active_table_drop(struct active_table *table, const struct bits_guid *id);

/* Frees the sessions that stayed warm for more than `age` calls of this
 * function; 0 frees all of them. */
void active_table_cool(struct active_table *table, unsigned age);

/* Returns the session with a reference for the caller.  If the table does not
 * have it, adds it in phase LOADING and sets *ret_new.  Returns NULL if memory
 * ran out. */
struct upload_active *active_acquire(struct active_table *table,
                                     struct upload_service *service,
                                     const struct bits_guid *id, bool *ret_new);

/* Adds a reference. */
void active_ref(struct active_table *table, struct upload_active *active);

/* Gives a reference back.  The last one may free the session with its
 * store_ops, so a done() of the store calls this last.  The caller must not
 * hold the session's mutex. */
void active_release(struct active_table *table, struct upload_active *active);

/* Records how the store answered a call that was made under the session's
 * mutex.  done() takes that mutex: if the answer came at once, active_unlock()
 * calls it. */
void active_called(struct upload_active *active, struct store_op *op,
                   enum store_when when);

/* Releases the session's mutex, then calls done() for each answer that came at
 * once.  A caller without its own reference must not touch the session
 * afterwards. */
void active_unlock(struct upload_active *active);

/* Returns BITS_CAUSE_OK, or why the session's place is away.  A session that
 * has ended has no place. */
enum bits_cause active_away(const struct upload_active *active);

/* Returns true if the session was warm and its data file has changed meanwhile:
 * the caller must load the row and the file again.  Call before planning a
 * packet. */
bool active_is_stale(struct upload_active *active);

/* Takes note of an answer of the store.  CAUSE_FENCED means that another
 * process has the session: the next packet loads the row again. */
void active_heed(struct upload_active *active, enum bits_cause cause);

/* Closes the data file; the next request that needs it measures it again. */
void active_forget_file(struct upload_active *active);

void active_wait(struct active_waiters *waiters,
                 struct upload_request *request);
struct upload_request *active_next_waiter(struct active_waiters *waiters);
void active_stop_waiting(struct active_waiters *waiters,
                         struct upload_request *request);

#endif
