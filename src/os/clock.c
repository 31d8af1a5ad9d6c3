/*
 * os/clock.c: see clock.h.
 */
#include "os/clock.h"

#include <time.h>

static int64_t seconds_of(clockid_t clock)
{
    struct timespec now = {0};

    (void)clock_gettime(clock, &now); /* fails for unknown clocks only */
    return now.tv_sec;
}

static int64_t system_wall(void *context)
{
    (void)context;
    return seconds_of(CLOCK_REALTIME);
}

static int64_t system_running(void *context)
{
    (void)context;
    return seconds_of(CLOCK_BOOTTIME);
}

uint64_t os_wall_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const struct os_clock os_clock_system = {
    .wall = system_wall,
    .running = system_running,
};
