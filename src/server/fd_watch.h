/*
 * server/fd_watch.h: waits for events of a descriptor, and calls libuv only
 * when the events change.
 */
#ifndef SERVER_FD_WATCH_H
#define SERVER_FD_WATCH_H

#include <uv.h>

struct fd_watch {
    uv_poll_t poll;
    int wanted;  /* of enum uv_poll_event: the events to wait for */
    int watched; /* the events that poll waits for; 0: stopped */
    void (*happened)(struct fd_watch *watch, int status);
};

/* happened() gets 0 or a negative error of libuv; after an error the watch is
 * stopped.  Returns 0 or a negative error of libuv. */
int fd_watch_init(struct fd_watch *watch, uv_loop_t *loop, int fd,
                  void (*happened)(struct fd_watch *watch, int status));

/* Waits for the events in `wanted`. */
void fd_watch_start(struct fd_watch *watch);
void fd_watch_stop(struct fd_watch *watch);

#endif
