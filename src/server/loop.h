/*
 * server/loop.h: one event thread with its connections.
 */
#ifndef SERVER_LOOP_H
#define SERVER_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "config/config.h"
#include "os/pipe.h"
#include "server/acceptor.h"
#include "server/census.h"
#include "server/connection.h"
#include "server/date.h"
#include "server/log_limit.h"
#include "server/mailbox.h"
#include "server/orders.h"
#include "server/pacing.h"

/* The most that one recv reads; all connections of a loop share the buffer. */
#define LOOP_BUFFER_SIZE ((size_t)256 << 10)

/* The same for the pipe that long bodies pass through. */
#define LOOP_PIPE_SIZE ((size_t)1 << 20)

/* The kernel grants less if the user has too many pipes; then a pipe is not
 * worth using. */
#define LOOP_PIPE_LEAST ((size_t)64 << 10)

struct server;

struct loop {
    struct server *server; /* shared with the other loops: */
    struct orders *orders;
    struct census *census;
    struct pacing *pacing;
    struct log_sink *log;

    struct config *config; /* a reference */
    unsigned serial;       /* of the orders carried out */
    enum server_phase phase;

    uv_loop_t uv;
    uv_thread_t thread;
    uv_async_t wake;  /* for mail or an order */
    bool asleep;      /* wake is closed; guarded by the orders' mutex */
    uv_timer_t grace; /* runs while stopping */
    uv_check_t end;   /* runs while stopping */
    struct mailbox mailbox;
    struct acceptor acceptor;

    struct connection *connections;
    size_t connection_count;
    char *buffer;
    struct os_pipe pipe; /* empty except while a connection is read */
    struct date date;
    struct log_limit complaints; /* lines that peers cause */
};

/* Makes the loop of a server; loop_start() starts its thread.  Returns 0 or a
 * negative error of libuv; after a failure the process must exit. */
int loop_init(struct loop *loop, struct server *server);
int loop_start(struct loop *loop);

/* Call after the thread has ended. */
void loop_done(struct loop *loop);

#endif
