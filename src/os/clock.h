/*
 * os/clock.h: the time, behind two functions so that a test can replace them.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

struct os_clock {
    /* Seconds since 1970, UTC; jumps when the clock is set. */
    int64_t (*wall)(void *context);
    /* Seconds since the machine started, including suspended time; never
     * jumps. */
    int64_t (*running)(void *context);
    void *context;
};

/* The wall clock of the system in milliseconds since 1970. */
uint64_t os_wall_ms(void);

/* The clocks of the system. */
extern const struct os_clock os_clock_system;

#endif
