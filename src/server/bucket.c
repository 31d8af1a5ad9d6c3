/*
 * server/bucket.c: see bucket.h.
 */
#include "server/bucket.h"

#include "base/smaller.h"

#define SECOND ((uint64_t)1000000000)

static uint64_t time_of(uint64_t bytes, uint64_t rate)
{
    return bytes * SECOND / rate;
}

uint64_t bucket_take(struct bucket *bucket, uint64_t rate, uint64_t bytes,
                     uint64_t now)
{
    if (bucket->paid < now || bucket->rate != rate) {
        bucket->paid = now;
        bucket->rate = rate;
    }
    bucket->paid += time_of(bytes, rate);
    return bucket->paid - now - smaller(bucket->paid - now, BUCKET_BURST);
}

void bucket_return(struct bucket *bucket, uint64_t bytes)
{
    if (bucket->rate > 0) {
        bucket->paid -= smaller(bucket->paid, time_of(bytes, bucket->rate));
    }
}

bool bucket_is_full(const struct bucket *bucket, uint64_t now)
{
    return bucket->paid <= now;
}
