/*
 * client/http/throttle.h: a pace that several transfers share, each in its own
 * thread: --limit-rate limits all of them together.
 */
#ifndef CLIENT_HTTP_THROTTLE_H
#define CLIENT_HTTP_THROTTLE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "client/http/pace.h"

struct throttle {
    pthread_mutex_t lock;
    struct pace pace; /* private */
};

/* `rate` in bytes per second; 0: unlimited. */
void throttle_init(struct throttle *throttle, uint64_t rate);
void throttle_done(struct throttle *throttle);

/* Like pace_take() and pace_wait_us().  Any thread. */
size_t throttle_take(struct throttle *throttle, size_t wanted);
uint64_t throttle_wait_us(struct throttle *throttle);

#endif
