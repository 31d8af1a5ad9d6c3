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
    deadline->left = UINT64_MAX;
    deadline->armed = UINT64_MAX;
    deadline->passed = passed;
}

static void set_ms(struct deadline *deadline, uint64_t ms)
{
    deadline->left = UINT64_MAX;
    deadline->at = uv_now(deadline->timer.loop) + ms;
    if (deadline->at < deadline->armed) {
        arm(deadline);
    }
}

void deadline_set(struct deadline *deadline, uint64_t seconds)
{
    set_ms(deadline, seconds * 1000);
}

void deadline_clear(struct deadline *deadline)
{
    deadline->left = UINT64_MAX;
    deadline->at = UINT64_MAX;
}

void deadline_pause(struct deadline *deadline)
{
    uint64_t now = uv_now(deadline->timer.loop);

    if (deadline->at != UINT64_MAX) {
        deadline->left = deadline->at > now ? deadline->at - now : 0;
        deadline->at = UINT64_MAX;
    }
}

void deadline_hold(struct deadline *deadline, uint64_t ms)
{
    uint64_t left;

    deadline_pause(deadline);
    left = deadline->left;
    set_ms(deadline, ms);
    deadline->left = left;
}

void deadline_continue(struct deadline *deadline)
{
    if (deadline->left != UINT64_MAX) {
        set_ms(deadline, deadline->left);
    }
}
