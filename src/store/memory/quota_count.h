/*
 * store/memory/quota_count.h: quotas.  Call with the memory's mutex held.
 */
#ifndef STORE_MEMORY_QUOTA_COUNT_H
#define STORE_MEMORY_QUOTA_COUNT_H

#include "store/memory/answering.h"

/* Judges a file of call->session with `bytes` bytes; see quota_judge(). */
enum bits_cause memory_quota_judge(struct memory_call *call, uint64_t bytes);

/* Counts the file of a row that is DONE next.  If memory runs out, it is not
 * counted. */
void memory_quota_deliver(struct memory_call *call,
                          const struct memory_row *row);

/* Drops the usage of periods that have ended. */
void memory_quota_forget(struct memory_store *store,
                         struct memory_prefix *prefix);

/* Frees all usage of a prefix. */
void memory_quota_done(struct memory_prefix *prefix);

#endif
