/*
 * server/server.h: the event threads: what they accept, a handler answers.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stddef.h>

#include "server/census.h"
#include "server/listener.h"
#include "server/loop.h"
#include "server/orders.h"

struct config;
struct log_sink;

struct server_options {
    struct log_sink *log;
    struct config *config;
    /* Each with its handler.  They and the handlers must live as long as the
     * server, which closes the listeners. */
    struct listener *listeners;
    size_t listener_count;
    /* Called once, from any thread, when the last connection has ended after
     * server_stop(). */
    void (*stopped)(void *context);
    void *context;
};

/* Fields are for the files of server/. */
struct server {
    struct log_sink *log;
    struct listener *listeners;
    size_t listener_count;
    struct census census;
    struct orders orders;
    struct loop *loops;
    size_t loop_count;
    void (*stopped)(void *context);
    void *context;
};

/* NULL: no memory. */
struct server *server_new(const struct server_options *options);

/* Starts the event threads.  0 or a negative error of libuv. */
int server_start(struct server *server);

/* Settings that can change, change.  The listeners stay. */
void server_reconfigure(struct server *server, struct config *config);

/* Asks for the end: no new connections, running requests get grace_time.
 * Called again: the grace is over; those that wait for the store get a minute.
 * Called once more: that is over, too. */
void server_stop(struct server *server);

/* Gives memory back to the system after a crowd of connections has left: the C
 * library keeps it below the block of any connection that stayed.  Call it now
 * and then, on one thread. */
void server_housekeep(struct server *server);

/* After `stopped`; joins the threads. */
void server_free(struct server *server);

#endif
