/*
 * server/fd_watch.h: waits for events of a descriptor, and asks libuv only when
 * that changes.
 */
#ifndef SERVER_FD_WATCH_H
#define SERVER_FD_WATCH_H

#include <uv.h>

struct fd_watch {
    uv_poll_t poll;
    int wanted;  /* of enum uv_poll_event: what to wait for from now on */
    int watched; /* what poll waits for; 0: it is stopped */
    void (*happened)(struct fd_watch *watch, int status);
};

/* happened() gets 0 or a negative error of libuv; after an error nothing is
 * watched.  Returns 0 or a negative error of libuv. */
int fd_watch_init(struct fd_watch *watch, uv_loop_t *loop, int fd,
                  void (*happened)(struct fd_watch *watch, int status));

/* Waits for what is wanted. */
void fd_watch_start(struct fd_watch *watch);
void fd_watch_stop(struct fd_watch *watch);

#endif
