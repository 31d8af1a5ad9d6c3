/*
 * server/acceptor.h: accepts connections from the listeners of a loop, within
 * limits and available descriptors.
 *
 * All loops poll all listeners; a connection stays on the loop that accepted
 * it.
 */
#ifndef SERVER_ACCEPTOR_H
#define SERVER_ACCEPTOR_H

#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "server/listener.h"

struct acceptor;
struct loop;

/* Log messages about overload, each at most once a minute. */
enum acceptor_complaint {
    ACCEPTOR_NO_DESCRIPTORS,
    ACCEPTOR_NO_MEMORY,
    ACCEPTOR_FULL,
    ACCEPTOR_FULL_ADDRESS,
    ACCEPTOR_COMPLAINTS,
};

struct acceptor_door {
    uv_poll_t poll;
    struct acceptor *acceptor;
    const struct listener *listener;
};

struct acceptor {
    struct loop *loop;
    uv_timer_t pause; /* runs while accepting is paused */
    struct acceptor_door *doors;
    size_t door_count;
    uint64_t next_complaint[ACCEPTOR_COMPLAINTS]; /* loop time in ms */
};

/* Returns 0 or a negative error of libuv. */
int acceptor_init(struct acceptor *acceptor, struct loop *loop,
                  const struct listener *listeners, size_t count);
void acceptor_done(struct acceptor *acceptor);

/* Call on the loop's thread.  Call stop before the loop ends. */
void acceptor_start(struct acceptor *acceptor);
void acceptor_stop(struct acceptor *acceptor);

/* Makes room for the descriptors that max_connections allows. */
void acceptor_make_room(struct acceptor *acceptor);

#endif
