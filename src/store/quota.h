/*
 * store/quota.h: how much a prefix, and each of its users, may take in within
 * a period.
 *
 * A file counts from the learn() that commits its size.  While its session is
 * unfinished it is held; the delivery adds it to what was delivered in the
 * period of that moment; the end of an undelivered session frees it.  What
 * happens to a delivered file changes nothing.
 *
 * Periods are aligned to 1970-01-01 00:00 UTC: with a day, each begins at
 * midnight.  The wall clock decides which one it is.  If it jumps into another
 * period, that one starts with what is held.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "store/store.h"

/* Whose usage it is. */
enum quota_owner { QUOTA_OF_USER, QUOTA_OF_ALL };

/* Starts as {0}. */
struct quota_usage {
    uint64_t held_files;
    uint64_t held_bytes;
    int64_t until; /* end of the period that the next two belong to */
    uint64_t files;
    uint64_t bytes;
};

/* Returns true if the section has quotas. */
bool quota_applies(const struct store_section *section);

/* Returns true if one of them is for this owner. */
bool quota_limits(const struct store_section *section, enum quota_owner owner);

/* The end of the period that contains `now`, in seconds since 1970. */
int64_t quota_until(const struct store_section *section, int64_t now);

/* Adds a delivered file. */
void quota_deliver(struct quota_usage *usage, int64_t until, uint64_t bytes);

/* A file that asks for room. */
struct quota_claim {
    const struct store_section *section;
    enum quota_owner owner;
    uint64_t bytes; /* its size; if not known yet: 1 */
    int64_t now;
};

/* Returns BITS_CAUSE_OK; CAUSE_QUOTA_TOO_SMALL if the file is larger than the
 * quota; or CAUSE_QUOTA_USED_UP.  The fault names the option and the numbers.
 */
enum bits_cause quota_judge(const struct quota_claim *claim,
                            const struct quota_usage *usage,
                            struct fault *ret_fault);

/* After CAUSE_QUOTA_USED_UP: the seconds until the next period, at most an
 * hour, since an upload that ends may make room earlier. */
uint32_t quota_retry_after(const struct store_section *section, int64_t now);

#endif
