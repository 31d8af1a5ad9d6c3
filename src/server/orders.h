/*
 * server/orders.h: orders to the event threads, and when the last thread has
 * carried them out.  Any thread.
 */
#ifndef SERVER_ORDERS_H
#define SERVER_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

struct config;

enum server_phase {
    /* Connections are accepted.  SIGTERM -> STOPPING. */
    SERVER_RUNNING,
    /* No new connections; running requests may end. grace_time -> ENDING. */
    SERVER_STOPPING,
    /* Only requests that wait, for example for a delivery, may end.  One minute
     * -> CUTTING. */
    SERVER_ENDING,
    /* Every connection is closed. */
    SERVER_CUTTING,
};

struct orders {
    uv_mutex_t mutex;
    unsigned serial;         /* atomic; incremented with every change below */
    struct config *config;   /* guarded by mutex; a reference */
    enum server_phase phase; /* guarded by mutex */
    size_t listening;        /* loops; guarded by mutex */
    size_t running;          /* loops; guarded by mutex */
};

/* Returns 0 or a negative error of libuv. */
int orders_init(struct orders *orders, struct config *config, size_t loops);
void orders_done(struct orders *orders);

/* Returns true if there are orders that the loop has not read yet.  If so,
 * replaces the loop's reference to the configuration. */
bool orders_read(struct orders *orders, unsigned *serial,
                 struct config **config, enum server_phase *phase);

/* Each returns true for the last loop that calls it. */
bool orders_end_listening(struct orders *orders);
bool orders_end_running(struct orders *orders);

#endif
