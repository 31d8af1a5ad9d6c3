/*
 * store/local/work.h: counts the work that closing waits for, answers calls,
 * and reports what no call returns.
 */
#ifndef STORE_LOCAL_WORK_H
#define STORE_LOCAL_WORK_H

#include "store/local/private.h"

/* Counts work that closing must wait for; place may be NULL. */
void local_enter(struct local_store *store, struct store_place *place);
void local_leave(struct local_store *store, struct store_place *place);

/* Blocks until *busy is 0.  The caller holds the store's mutex. */
void local_wait_until_idle(struct local_store *store, const size_t *busy);

/* Answers a call that is answered later. detail may be NULL. */
void local_complete(struct store_op *op, enum bits_cause cause,
                    const char *detail);

/* A call that is answered later: the first member of what malloc() returned for
 * it. */
struct local_call {
    struct index_job row; /* done may be NULL: the call ends as the row does */
    struct worker_job work; /* the worker that it begins with, or comes to */
    struct local_store *store;
    struct store_place *place; /* NULL: a call of the store */
    struct store_op *op;       /* NULL: a failure is reported as trouble */
    uint32_t retry_after;      /* of the answer QUOTA_USED_UP */
};

/* Begin a call with its row, or with its work.  Closing waits for it. */
enum store_when local_call_row(struct local_call *call);
enum store_when local_call_work(struct local_call *call);

/* Completes the call and frees it. */
void local_call_end(struct local_call *call, enum bits_cause cause,
                    const char *detail);

/* Answers a call now.  Unless the cause is BITS_CAUSE_OK the caller has written
 * op->fault. */
enum store_when local_answer(struct store_op *op, enum bits_cause cause);

/* Answers a call now for which memory ran out. */
enum store_when local_refuse(struct store_op *op);

/* Reports a failure that no call returns. */
void local_trouble(struct local_store *store, enum bits_cause cause,
                   const char *detail);

/* Reports a warning for the administrator. */
void local_warn(struct local_store *store, const char *event,
                const char *words);

/* Seconds since 1970, for names and texts.  Sessions age by local_age_now(). */
int64_t local_now(const struct local_store *store);

#endif
