/*
 * server/deadline.c: see deadline.h.
 */
#include "server/deadline.h"

#include <stddef.h>

#include "base/compiler.h"

static void on_timer(uv_timer_t *timer);

static void arm(struct deadline *deadline)
{
    uint64_t now = uv_now(deadline->timer.loop);

    deadline->armed = deadline->at;
    (void)uv_timer_start(&deadline->timer, on_timer, deadline->at - now, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct deadline *deadline = CONTAINER_OF(timer, struct deadline, timer);

    deadline->armed = UINT64_MAX;
    if (deadline->at == UINT64_MAX) {
        return;
    }
    if (deadline->at > uv_now(timer->loop)) {
        arm(deadline);
        return;
    }
    deadline->passed(deadline);
}

void deadline_init(struct deadline *deadline, uv_loop_t *loop,
                   void (*passed)(struct deadline *deadline))
{
    (void)uv_timer_init(loop, &deadline->timer);
    deadline->at = UINT64_MAX;
    deadline->armed = UINT64_MAX;
    deadline->passed = passed;
}

void deadline_set(struct deadline *deadline, uint64_t seconds)
{
    deadline->at = uv_now(deadline->timer.loop) + seconds * 1000;
    if (deadline->at < deadline->armed) {
        arm(deadline);
    }
}

void deadline_clear(struct deadline *deadline)
{
    deadline->at = UINT64_MAX;
}
