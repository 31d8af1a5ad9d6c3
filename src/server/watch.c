/*
 * server/watch.c: see watch.h.
 */
#include "server/watch.h"

#include <stddef.h>

#include "base/compiler.h"

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = CONTAINER_OF(poll, struct watch, poll);

    (void)events;
    if (status < 0) {
        watch->watched = 0;
    }
    watch->happened(watch, status);
}

int watch_init(struct watch *watch, uv_loop_t *loop, int fd,
               void (*happened)(struct watch *watch, int status))
{
    watch->watched = 0;
    watch->happened = happened;
    return uv_poll_init(loop, &watch->poll, fd);
}

void watch_start(struct watch *watch)
{
    if (watch->wanted != watch->watched) {
        watch->watched = watch->wanted;
        (void)uv_poll_start(&watch->poll, watch->watched, on_event);
    }
}

void watch_stop(struct watch *watch)
{
    watch->watched = 0;
    (void)uv_poll_stop(&watch->poll);
}
