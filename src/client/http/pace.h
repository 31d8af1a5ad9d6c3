/*
 * client/http/pace.h: limits the number of bytes per second.
 *
 * Pure; times are microseconds of one monotonic clock.
 */
#ifndef CLIENT_HTTP_PACE_H
#define CLIENT_HTTP_PACE_H

#include <stddef.h>
#include <stdint.h>

struct pace {
    uint64_t rate; /* bytes per second; 0: unlimited */
    uint64_t at_us;
    uint64_t credit; /* bytes that may be sent now */
};

void pace_init(struct pace *pace, uint64_t rate, uint64_t now_us);

/* Takes up to `wanted` bytes and returns how many may be sent now. 0: none
 * before pace_wait_us() has passed. */
size_t pace_take(struct pace *pace, uint64_t now_us, size_t wanted);

uint64_t pace_wait_us(const struct pace *pace);

#endif
