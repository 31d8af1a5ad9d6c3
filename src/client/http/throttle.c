/*
 * client/http/throttle.c: see throttle.h.
 */
#include "client/http/throttle.h"

#include "client/monotonic.h"

void throttle_init(struct throttle *throttle, uint64_t rate)
{
    (void)pthread_mutex_init(&throttle->lock, NULL);
    pace_init(&throttle->pace, rate, monotonic_us());
}

void throttle_done(struct throttle *throttle)
{
    (void)pthread_mutex_destroy(&throttle->lock);
}

size_t throttle_take(struct throttle *throttle, size_t wanted)
{
    size_t taken;

    (void)pthread_mutex_lock(&throttle->lock);
    taken = pace_take(&throttle->pace, monotonic_us(), wanted);
    (void)pthread_mutex_unlock(&throttle->lock);
    return taken;
}

uint64_t throttle_wait_us(struct throttle *throttle)
{
    uint64_t wait_us;

    (void)pthread_mutex_lock(&throttle->lock);
    wait_us = pace_wait_us(&throttle->pace);
    (void)pthread_mutex_unlock(&throttle->lock);
    return wait_us;
}
