/*
 * server/deadline.h: a deadline that is set often and passes rarely.
 *
 * It mostly moves away: its timer is left to fire too early then.  Everything
 * runs on the thread of the loop.
 */
#ifndef SERVER_DEADLINE_H
#define SERVER_DEADLINE_H

#include <stdint.h>

#include <uv.h>

struct deadline {
    uv_timer_t timer;
    uint64_t at;    /* loop time in ms; UINT64_MAX: none */
    uint64_t left;  /* ms, when it was paused; UINT64_MAX: it is not */
    uint64_t armed; /* when the timer fires; not later than `at` */
    void (*passed)(struct deadline *deadline);
};

/* None is set.  passed() is called once after each that has passed. */
void deadline_init(struct deadline *deadline, uv_loop_t *loop,
                   void (*passed)(struct deadline *deadline));

/* From now on; replaces the earlier one. */
void deadline_set(struct deadline *deadline, uint64_t seconds);
void deadline_clear(struct deadline *deadline);

/* Stops the clock, and lets it run on with what was left then.  The latter does
 * nothing if the deadline was set or cleared meanwhile. */
void deadline_pause(struct deadline *deadline);
void deadline_continue(struct deadline *deadline);

#endif
