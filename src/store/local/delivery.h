/*
 * store/local/delivery.h: shared by the files of a delivery.
 *
 * The order matters:
 *
 *   1  fsync of the staging folder, then a durable commit of DELIVERING; and
 *      meanwhile fdatasync of the file
 *   2  the rename
 *   3  fsync of the target folder and of the staging folder, together
 *   4  the answer
 *   5  DONE, with the next commit
 *
 * After a crash a row that is DELIVERING and has no staged file was moved.  The
 * destination is not checked, because a consumer may have emptied it.  This
 * conclusion requires that the staged file's folder entry is durable before the
 * row, hence the order within step 1; a file that was synced in the background
 * has a durable entry already.  A row that is DELIVERING and has a staged file
 * was not moved; its bytes beyond `synced` are measured as after any crash.
 *
 * Step 1 is in delivery.c, steps 2 and 3 in delivery_move.c, steps 4 and 5 in
 * delivery_end.c.  Private to store/local/.
 */
#ifndef STORE_LOCAL_DELIVERY_H
#define STORE_LOCAL_DELIVERY_H

#include "store/local/data.h"
#include "store/local/rows.h"

struct delivery {
    struct store_place *place;
    struct store_session *session; /* the caller's, until op is answered */
    struct store_op *op;
    struct local_rules rules;
    struct bits_guid id;
    uint64_t total;
    struct local_data *data;
    int64_t epoch;   /* of the delivered bytes */
    bool are_synced; /* of the bytes; not required with durability = none */
    bool durable;
    bool overwrite;
    unsigned dated; /* dated names tried so far */
    char *name;     /* the current one */
    int target;     /* the folder of the destination */
    int staging;    /* the folder of the staged file */

    struct worker_job work;
    struct index_job row;
    struct folder_sync target_sync;
    struct folder_sync staging_sync;
    struct data_waiter waiter;
    _Atomic unsigned pending; /* running parts of the present step */
    _Atomic int sync_error;   /* errno of fdatasync */
    _Atomic int folder_error; /* errno of an fsync of a folder */
    enum bits_cause row_cause;
    bool is_late; /* the row records that its bytes were given up */

    enum store_state outcome;
    uint64_t stored; /* the value for the caller */
    enum bits_cause cause;
    struct fault fault;
};

/* --- delivery_move.c ----------------------------------------------------- */

/* Step 2, followed by step 3. */
void delivery_move(struct worker_job *job);

/* Step 3 alone, for a file that was already moved.  On a worker, because
 * without durability it answers the caller at once. */
void delivery_sync_folders(struct delivery *delivery);

/* --- delivery_end.c ------------------------------------------------------ */

/* Runs step on a worker. */
void delivery_next_step(struct delivery *delivery,
                        void (*step)(struct worker_job *job));

/* Commits that the move to delivery->name begins. */
void delivery_commit(struct delivery *delivery,
                     void (*done)(struct index_job *job));

/* The bytes could not be made durable: restarts without them. */
void delivery_give_up(struct delivery *delivery, int error);

/* The same for a file that was changed from outside: none of its bytes
 * count. */
void delivery_give_up_all(struct delivery *delivery, int error);

/* The object that a step could not use. */
enum delivery_thing {
    DELIVERY_STAGING,     /* the staging folder */
    DELIVERY_STAGED_FILE, /* the session's file in it */
    DELIVERY_TARGET,      /* delivery->name below the root */
};

/* Sets cause and fault: "WHAT PATH: ERROR". */
void delivery_note(struct delivery *delivery, enum bits_cause cause, int error,
                   const char *what, enum delivery_thing thing);

/* Each answers the caller and frees the delivery.  The first two do so after
 * the commit of RETRY or RECEIVING. */
void delivery_fail(struct delivery *delivery, enum store_state outcome,
                   uint64_t stored);
void delivery_retry_later(struct delivery *delivery);
void delivery_succeed(struct delivery *delivery);

/* The same without a change of the row; outcome, stored and cause are set. */
void delivery_answer(struct delivery *delivery);

#endif
