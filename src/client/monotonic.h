/*
 * client/monotonic.h: monotonic time.  It stops while the machine sleeps, so
 * that no transfer gives up because of that.
 */
#ifndef CLIENT_MONOTONIC_H
#define CLIENT_MONOTONIC_H

#include <stdint.h>
#include <time.h>

static inline uint64_t monotonic_us(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline uint64_t monotonic_ms(void)
{
    return monotonic_us() / 1000;
}

#endif
