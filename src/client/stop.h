/*
 * client/stop.h: a request to stop, from a signal handler or from anywhere
 * else.
 *
 * Code that waits also polls `fd`, which is readable once a stop was requested.
 * Any thread.
 */
#ifndef CLIENT_STOP_H
#define CLIENT_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

struct stop {
    atomic_int asked;
    atomic_int signal; /* 0: not requested by a signal */
    int fd;            /* owned; an eventfd */
};

/* Returns false with errno if no descriptor is left. */
bool stop_init(struct stop *stop);
void stop_done(struct stop *stop);

/* Safe in a signal handler. */
void stop_ask(struct stop *stop, int signal);

/* Clears the request, for the next piece of work. */
void stop_clear(struct stop *stop);

#endif
