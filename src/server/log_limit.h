/*
 * server/log_limit.h: bounds the lines that peers can cause.
 *
 * One thread at a time uses a limit.
 */
#ifndef SERVER_LOG_LIMIT_H
#define SERVER_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Lines a minute. */
#define LOG_LIMIT_LINES 20

/* Starts as {0}. */
struct log_limit {
    uint64_t ends;    /* of the running minute, in ms */
    unsigned lines;   /* in it */
    uint64_t skipped; /* since the last line that was allowed */
};

/* May one more line be logged?  If so, *ret_skipped is how many were not since
 * the one before.  now: ms on a clock that never jumps back. */
bool log_limit_allows(struct log_limit *limit, uint64_t now,
                      uint64_t *ret_skipped);

#endif
