/*
 * server/loop.h: one event thread with its connections.
 *
 * All listeners are polled by all loops; a connection stays on the loop that
 * accepted it.
 */
#ifndef SERVER_LOOP_H
#define SERVER_LOOP_H

#include <stdint.h>

#include <uv.h>

#include "server/connection.h"
#include "server/mailbox.h"
#include "server/reply.h"

struct server;

/* What one recv takes at most; the buffer is shared by all connections of a
 * loop. */
#define LOOP_BUFFER_SIZE ((size_t)256 << 10)

/* The same of the pipe that long bodies go through. */
#define LOOP_PIPE_SIZE ((size_t)1 << 20)

/* A pipe that got less, since the user has too many, is not worth it. */
#define LOOP_PIPE_LEAST ((size_t)64 << 10)

enum loop_phase {
    LOOP_RUNNING,
    LOOP_STOPPING, /* no new connections; requests may end */
    LOOP_ENDING,   /* grace_time is over; deliveries may end */
};

/* Complaints about overload, each at most once a minute. */
enum loop_complaint {
    LOOP_NO_DESCRIPTORS,
    LOOP_NO_MEMORY,
    LOOP_FULL,
    LOOP_FULL_ADDRESS,
    LOOP_COMPLAINTS,
};

struct loop_listener {
    uv_poll_t poll;
    struct loop *loop;
    const struct listener *listener;
};

struct loop {
    struct server *server;
    struct upload_service *service;
    struct log_sink *log;
    struct config *config; /* a reference */
    unsigned orders;       /* how many of the server's were carried out */
    enum loop_phase phase;

    uv_loop_t uv;
    uv_thread_t thread;
    uv_async_t wake;  /* mail, or an order of the server */
    bool asleep;      /* wake is closed; guarded by the server's mutex */
    uv_timer_t pause; /* runs while nothing is accepted */
    uv_timer_t grace; /* runs while stopping */
    struct mailbox mailbox;
    struct loop_listener *listeners;
    size_t listener_count;

    struct connection *connections;
    size_t connection_count;
    char *buffer;
    struct os_pipe pipe; /* empty but while a connection is read */

    uint64_t next_complaint[LOOP_COMPLAINTS]; /* loop time in ms */
    int64_t date_of;                          /* the second that `date` tells */
    char date[REPLY_DATE_SIZE];
};

/* Makes the loop; loop_start() starts its thread.  0 or a negative error of
 * libuv; after a failure the process cannot go on. */
int loop_init(struct loop *loop, struct server *server);
int loop_start(struct loop *loop);

/* After the thread has ended. */
void loop_done(struct loop *loop);

/* The value of Date, now. */
const char *loop_date(struct loop *loop);

/* A connection of the loop has closed. */
void loop_connection_closed(struct loop *loop);

#endif
