/*
 * server/server.h: the HTTP front end of the upload service.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stddef.h>

#include <uv.h>

#include "server/census.h"
#include "server/listener.h"
#include "server/loop.h"

struct config;
struct log_sink;
struct upload_service;

/* Fields are for the files of server/. */
struct server {
    struct upload_service *service;
    struct log_sink *log;
    struct listener *listeners;
    size_t listener_count;
    struct census census;
    struct loop *loops;
    size_t loop_count;

    uv_mutex_t mutex;
    unsigned orders;        /* atomic; raised with every change below */
    struct config *config;  /* guarded by mutex; a reference */
    enum loop_phase phase;  /* guarded by mutex */
    size_t loops_listening; /* guarded by mutex */
    size_t loops_running;   /* guarded by mutex */
    void (*stopped)(void *context);
    void *context;
};

/* Makes a server over a service, a sink and listeners that live as long; the
 * listeners are closed by the server.  `stopped` is called once, from any
 * thread, when the last connection has ended after server_stop().  NULL: no
 * memory. */
struct server *server_new(struct upload_service *service, struct log_sink *log,
                          struct config *config, struct listener *listeners,
                          size_t listener_count, void (*stopped)(void *context),
                          void *context);

/* Starts the event threads.  0 or a negative error of libuv. */
int server_start(struct server *server);

/* Settings that can change, change.  The listeners stay. */
void server_reconfigure(struct server *server, struct config *config);

/* Asks for the end: no new connections, running requests get grace_time.
 * Called again: the grace is over. */
void server_stop(struct server *server);

/* Gives memory back to the system after a crowd of connections has left: the C
 * library keeps it below the block of any connection that stayed.  Call it now
 * and then, on one thread. */
void server_housekeep(struct server *server);

/* After `stopped`; joins the threads. */
void server_free(struct server *server);

/* --- for loops ----------------------------------------------------------- */

/* The loop accepts no more; the last one closes the listeners. */
void server_loop_is_deaf(struct server *server);

#endif
