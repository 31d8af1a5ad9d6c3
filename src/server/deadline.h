/*
 * server/deadline.h: a deadline that is set often and rarely expires.
 *
 * A later deadline keeps the running timer, which then fires early and is
 * rearmed.  Call everything on the thread of the loop.
 */
#ifndef SERVER_DEADLINE_H
#define SERVER_DEADLINE_H

#include <stdint.h>

#include <uv.h>

struct deadline {
    uv_timer_t timer;
    uint64_t at;    /* loop time in ms; UINT64_MAX: not set */
    uint64_t left;  /* ms left when it was paused; UINT64_MAX: not paused */
    uint64_t armed; /* when the timer fires; not later than `at` */
    void (*passed)(struct deadline *deadline);
};

/* Starts without a deadline. passed() is called once for each deadline that
 * expires. */
void deadline_init(struct deadline *deadline, uv_loop_t *loop,
                   void (*passed)(struct deadline *deadline));

/* Starts now; replaces the earlier deadline. */
void deadline_set(struct deadline *deadline, uint64_t seconds);
void deadline_clear(struct deadline *deadline);

/* pause stops the clock; the other call continues it with the time that was
 * left, unless the deadline was set or cleared meanwhile. */
void deadline_pause(struct deadline *deadline);
void deadline_continue(struct deadline *deadline);

/* Pauses the clock of a deadline, and calls passed() after this time unless the
 * deadline is set, cleared or continued before. */
void deadline_hold(struct deadline *deadline, uint64_t ms);

#endif
