/*
 * server/watch.h: waits for events of a descriptor, and asks libuv only when
 * that changes.
 */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include <uv.h>

struct watch {
    uv_poll_t poll;
    int wanted;  /* of enum uv_poll_event: what to wait for from now on */
    int watched; /* what poll waits for; 0: it is stopped */
    void (*happened)(struct watch *watch, int status);
};

/* happened() gets 0 or a negative error of libuv; after an error nothing is
 * watched.  Returns 0 or a negative error of libuv. */
int watch_init(struct watch *watch, uv_loop_t *loop, int fd,
               void (*happened)(struct watch *watch, int status));

/* Waits for what is wanted. */
void watch_start(struct watch *watch);
void watch_stop(struct watch *watch);

#endif
