/*
 * server/fd_watch.c: see fd_watch.h.
 */
#include "server/fd_watch.h"

#include <stddef.h>

#include "base/compiler.h"

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct fd_watch *watch = CONTAINER_OF(poll, struct fd_watch, poll);

    (void)events;
    if (status < 0) {
        watch->watched = 0;
    }
    watch->happened(watch, status);
}

int fd_watch_init(struct fd_watch *watch, uv_loop_t *loop, int fd,
                  void (*happened)(struct fd_watch *watch, int status))
{
    watch->watched = 0;
    watch->happened = happened;
    return uv_poll_init(loop, &watch->poll, fd);
}

void fd_watch_start(struct fd_watch *watch)
{
    if (watch->wanted != watch->watched) {
        watch->watched = watch->wanted;
        (void)uv_poll_start(&watch->poll, watch->watched, on_event);
    }
}

void fd_watch_stop(struct fd_watch *watch)
{
    watch->watched = 0;
    (void)uv_poll_stop(&watch->poll);
}
