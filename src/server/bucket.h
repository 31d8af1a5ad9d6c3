/*
 * server/bucket.h: a token bucket: how long to wait before the next bytes, so
 * that a rate is kept.
 *
 * Pure: the caller passes the time, in nanoseconds on a clock that never jumps
 * back.  A bucket that is not in use needs no timer: it fills as time passes.
 */
#ifndef SERVER_BUCKET_H
#define SERVER_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* A bucket holds what its rate allows in this time: so much may pass at once
 * after a pause.  In nanoseconds. */
#define BUCKET_BURST ((uint64_t)250000000)

/* Starts as {0}: full. */
struct bucket {
    uint64_t rate; /* of the last call, bytes a second */
    uint64_t paid; /* when the rate has made up for all bytes taken */
};

/* Takes bytes, in the order of the calls, and returns how long to wait before
 * they may pass; 0: at once.  If the rate differs from that of the last call,
 * the bucket starts full.  bytes: at most 2^34. */
uint64_t bucket_take(struct bucket *bucket, uint64_t rate, uint64_t bytes,
                     uint64_t now);

/* Puts back bytes that were taken and did not pass. */
void bucket_return(struct bucket *bucket, uint64_t bytes);

/* Returns true if the bucket is as good as a new one. */
bool bucket_is_full(const struct bucket *bucket, uint64_t now);

#endif
