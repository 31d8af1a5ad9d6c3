/*
 * client/http/pace.h: so many bytes a second, and no more.
 *
 * Pure; times are microseconds of one monotonic clock.
 */
#ifndef CLIENT_HTTP_PACE_H
#define CLIENT_HTTP_PACE_H

#include <stddef.h>
#include <stdint.h>

struct pace {
    uint64_t rate; /* bytes a second; 0: as fast as it goes */
    uint64_t at_us;
    uint64_t credit; /* bytes that may leave now */
};

void pace_init(struct pace *pace, uint64_t rate, uint64_t now_us);

/* How many of the wanted bytes may leave now; they count as gone.  0: none
 * before pace_wait_us() has passed. */
size_t pace_take(struct pace *pace, uint64_t now_us, size_t wanted);

uint64_t pace_wait_us(const struct pace *pace);

#endif
