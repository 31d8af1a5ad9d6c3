/*
 * server/orders.h: what the event threads are told, and when the last of them
 * has done it.  Any thread.
 */
#ifndef SERVER_ORDERS_H
#define SERVER_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

struct config;

enum server_phase {
    /* Connections come and go.  SIGTERM -> STOPPING. */
    SERVER_RUNNING,
    /* No new connections; requests may end.  grace_time -> ENDING. */
    SERVER_STOPPING,
    /* Only requests that wait, as for a delivery, may end.  Some time ->
     * CUTTING. */
    SERVER_ENDING,
    /* Every connection is closed, whatever it waits for. */
    SERVER_CUTTING,
};

struct orders {
    uv_mutex_t mutex;
    unsigned serial;         /* atomic; raised with every change below */
    struct config *config;   /* guarded by mutex; a reference */
    enum server_phase phase; /* guarded by mutex */
    size_t listening;        /* loops; guarded by mutex */
    size_t running;          /* loops; guarded by mutex */
};

/* 0 or a negative error of libuv. */
int orders_init(struct orders *orders, struct config *config, size_t loops);
void orders_done(struct orders *orders);

/* Are there orders that a loop has not read yet?  If so, replaces the loop's
 * reference to the configuration. */
bool orders_read(struct orders *orders, unsigned *serial,
                 struct config **config, enum server_phase *phase);

/* Each returns true for the last loop that calls it. */
bool orders_end_listening(struct orders *orders);
bool orders_end_running(struct orders *orders);

#endif
