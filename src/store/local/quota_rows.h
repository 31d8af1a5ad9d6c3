/*
 * store/local/quota_rows.h: quotas in the index.
 *
 * Triggers of the schema keep the usage: what sessions hold, and what was
 * delivered, change in the transaction that changes the session.  Call inside a
 * transaction only, as with rows.h.
 */
#ifndef STORE_LOCAL_QUOTA_ROWS_H
#define STORE_LOCAL_QUOTA_ROWS_H

#include "store/local/rows.h"
#include "store/quota.h"

/* A file of a session. */
struct local_claim {
    const char *prefix;
    const struct store_section *section;
    const char *user;
    uint64_t bytes; /* see struct quota_claim */
    int64_t now;
};

/* See quota_judge().  Both quotas must have room. */
enum bits_cause local_quota_judge(struct database *database,
                                  const struct local_claim *claim,
                                  struct fault *ret_fault);

/* The same for a session whose size is about to be committed.  BITS_CAUSE_OK if
 * it is committed already, or if the session does not count. */
enum bits_cause local_quota_judge_size(struct database *database,
                                       const struct bits_guid *id,
                                       struct local_claim claim,
                                       struct fault *ret_fault);

/* The value for rows_insert(): quotas as they are now. */
int64_t local_counts_until(struct store_place *place);

/* Drops some usage of periods that ended before `now`. */
void local_quota_forget(struct database *database, int64_t now);

#endif
