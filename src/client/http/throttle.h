/*
 * client/http/throttle.h: a pace that several transfers share, each in a thread
 * of its own: --limit-rate is what all of them send together.
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

/* `rate` in bytes a second; 0: as fast as it goes. */
void throttle_init(struct throttle *throttle, uint64_t rate);
void throttle_done(struct throttle *throttle);

/* As pace_take() and pace_wait_us().  Any thread. */
size_t throttle_take(struct throttle *throttle, size_t wanted);
uint64_t throttle_wait_us(struct throttle *throttle);

#endif
