/*
 * store/local/age.h: the clock by which sessions age, and when they expire.
 */
#ifndef STORE_LOCAL_AGE_H
#define STORE_LOCAL_AGE_H

#include "store/local/private.h"
#include "store/local/rows.h"

/* Loads the clock by which sessions age.  Blocks.  Returns false with the
 * reason in the fault if that failed. */
bool local_age_start(struct local_store *store, struct fault *ret_fault);

/* Records the clock a last time.  Blocks. */
void local_age_end(struct local_store *store);

/* Seconds.  Does not jump with the wall clock, and stops while no server runs.
 * Any thread. */
int64_t local_age_now(struct local_store *store);

/* Records the clock when that is due.  On the index's thread, in a
 * transaction. */
void local_age_record(struct local_store *store, struct database *database);

/* Seconds of idleness after which a session expires. */
int64_t local_lifetime(const struct local_rules *rules, enum row_bytes bytes);

bool local_is_over(struct local_store *store, const struct local_rules *rules,
                   const struct store_session *session);

#endif
