/*
 * client/stop.h: the wish to end, from a signal handler or from anywhere.
 *
 * Code that waits polls `fd` as well; it stays readable once a stop was asked
 * for.  Any thread.
 */
#ifndef CLIENT_STOP_H
#define CLIENT_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

struct stop {
    atomic_int asked;
    atomic_int signal; /* 0: no signal asked */
    int fd;            /* owns; an eventfd */
};

/* False, with errno: no descriptor is left. */
bool stop_init(struct stop *stop);
void stop_done(struct stop *stop);

/* Safe in a signal handler. */
void stop_ask(struct stop *stop, int signal);

/* Forgets what was asked, for the next piece of work. */
void stop_clear(struct stop *stop);

#endif
