/*
 * server/log_limit.c: see log_limit.h.
 */
#include "server/log_limit.h"

#define MINUTE_MS 60000

bool log_limit_allows(struct log_limit *limit, uint64_t now,
                      uint64_t *ret_skipped)
{
    if (now >= limit->ends) {
        limit->ends = now + MINUTE_MS;
        limit->lines = 0;
    }
    if (limit->lines == LOG_LIMIT_LINES) {
        limit->skipped++;
        return false;
    }
    limit->lines++;
    *ret_skipped = limit->skipped;
    limit->skipped = 0;
    return true;
}
