/*
 * server/server.h: the event threads: they accept connections, and handlers
 * answer.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stddef.h>

#include "server/census.h"
#include "server/listener.h"
#include "server/loop.h"
#include "server/orders.h"
#include "server/pacing.h"

struct config;
struct log_sink;

struct server_options {
    struct log_sink *log;
    struct config *config;
    /* Each with its handler.  Listeners and handlers must outlive the server;
     * the server closes the listeners. */
    struct listener *listeners;
    size_t listener_count;
    /* Called once, on any thread, when the last connection has ended after
     * server_stop(). */
    void (*stopped)(void *context);
    void *context;
};

/* Fields are private to server/. */
struct server {
    struct log_sink *log;
    struct listener *listeners;
    size_t listener_count;
    struct census census;
    struct pacing pacing;
    struct orders orders;
    struct loop *loops;
    size_t loop_count;
    void (*stopped)(void *context);
    void *context;
};

/* Returns NULL if memory ran out. */
struct server *server_new(const struct server_options *options);

/* Starts the event threads.  Returns 0 or a negative error of libuv. */
int server_start(struct server *server);

/* Applies the settings that can change; the listeners stay. */
void server_reconfigure(struct server *server, struct config *config);

/* First call: no new connections, running requests get grace_time.  Second
 * call: ends the grace period; requests that wait for the store get a minute.
 * Third call: ends that minute, too. */
void server_stop(struct server *server);

/* Returns memory to the system after a crowd of connections has left: the C
 * library keeps memory below the block of any connection that stayed.  Call it
 * now and then, on one thread. */
void server_housekeep(struct server *server);

/* Call after `stopped`; joins the threads. */
void server_free(struct server *server);

#endif
