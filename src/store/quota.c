/*
 * store/quota.c: see quota.h.
 */
#include "store/quota.h"

#include <inttypes.h>

#include "cause/cause.h"

#define RETRY_AFTER_MOST 3600

/* The limits of an owner, and their options. */
struct limits {
    struct store_quota quota;
    const char *files;
    const char *bytes;
};

static struct limits limits_of(const struct store_section *section,
                               enum quota_owner owner)
{
    return owner == QUOTA_OF_ALL
               ? (struct limits){section->quota, "max_files", "max_bytes"}
               : (struct limits){section->quota_per_user, "max_files_per_user",
                                 "max_bytes_per_user"};
}

bool quota_limits(const struct store_section *section, enum quota_owner owner)
{
    struct store_quota quota = limits_of(section, owner).quota;

    return quota_applies(section) &&
           (quota.max_files != UINT64_MAX || quota.max_bytes != UINT64_MAX);
}

bool quota_applies(const struct store_section *section)
{
    return section->quota_period > 0;
}

int64_t quota_until(const struct store_section *section, int64_t now)
{
    int64_t period = (int64_t)section->quota_period;
    int64_t into = now % period;

    return now - into + (into < 0 ? 0 : period);
}

void quota_deliver(struct quota_usage *usage, int64_t until, uint64_t bytes)
{
    if (usage->until != until) {
        usage->until = until;
        usage->files = 0;
        usage->bytes = 0;
    }
    usage->files++;
    usage->bytes += bytes;
}

/* Returns true if `more` does not fit above `used`. */
static bool is_over(uint64_t used, uint64_t more, uint64_t limit)
{
    return used > limit || more > limit - used;
}

static enum bits_cause refuse(enum bits_cause cause, const char *option,
                              uint64_t limit, uint64_t number,
                              struct fault *ret_fault)
{
    return cause_fault(ret_fault, cause,
                       cause == CAUSE_QUOTA_TOO_SMALL
                           ? "%s = %" PRIu64 ", the file has %" PRIu64
                           : "%s = %" PRIu64 ", %" PRIu64 " are in use",
                       option, limit, number);
}

enum bits_cause quota_judge(const struct quota_claim *claim,
                            const struct quota_usage *usage,
                            struct fault *ret_fault)
{
    struct limits limits = limits_of(claim->section, claim->owner);
    bool is_now = usage->until == quota_until(claim->section, claim->now);
    uint64_t files = usage->held_files + (is_now ? usage->files : 0);
    uint64_t bytes = usage->held_bytes + (is_now ? usage->bytes : 0);

    if (claim->bytes > limits.quota.max_bytes) {
        return refuse(CAUSE_QUOTA_TOO_SMALL, limits.bytes,
                      limits.quota.max_bytes, claim->bytes, ret_fault);
    }
    if (is_over(files, 1, limits.quota.max_files)) {
        return refuse(CAUSE_QUOTA_USED_UP, limits.files, limits.quota.max_files,
                      files, ret_fault);
    }
    if (is_over(bytes, claim->bytes, limits.quota.max_bytes)) {
        return refuse(CAUSE_QUOTA_USED_UP, limits.bytes, limits.quota.max_bytes,
                      bytes, ret_fault);
    }
    return BITS_CAUSE_OK;
}

uint32_t quota_retry_after(const struct store_section *section, int64_t now)
{
    int64_t left = quota_until(section, now) - now;

    return (uint32_t)(left < RETRY_AFTER_MOST ? left : RETRY_AFTER_MOST);
}
