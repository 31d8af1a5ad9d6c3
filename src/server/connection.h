/*
 * server/connection.h: one connection: its stream, its buffers, its clock.
 *
 * A connection moves bytes; its listener's handler (handler.h) understands
 * them.  Unless a comment says otherwise, call everything on the thread of the
 * connection's loop.  Calls after the connection has closed do nothing.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "server/address.h"
#include "server/buffer.h"
#include "server/census.h"
#include "server/deadline.h"
#include "server/fd_watch.h"
#include "server/listener.h"
#include "server/mailbox.h"
#include "server/stream/stream.h"

struct log_sink;
struct loop;

enum connection_state {
    /* The stream has not begun yet.  Begun -> OPEN. */
    CONNECTION_HANDSHAKE,
    /* The handler takes what comes, unless something waits to be sent.
     * connection_wait() -> WAITING; all sent after connection_finish() ->
     * FINISHING. */
    CONNECTION_OPEN,
    /* The handler waits; nothing is read.  connection_wake() -> OPEN. */
    CONNECTION_WAITING,
    /* Everything is sent; the stream tells the peer.  Told -> LINGERING. */
    CONNECTION_FINISHING,
    /* What still comes is dropped until the peer closes, so that no reset
     * destroys the answer on its way.  -> CLOSED. */
    CONNECTION_LINGERING,
    /* The descriptor is gone; the memory goes when libuv is done with it. */
    CONNECTION_CLOSED,
};

/* The rest of a file that is being sent. */
struct connection_file {
    int fd; /* if there is a rest */
    uint64_t offset;
    uint64_t left; /* bytes */
};

struct connection {
    struct connection *previous; /* in the loop's list */
    struct connection *next;
    struct loop *loop;
    const struct listener *listener;
    struct census_address address;
    const char *refusal; /* for a connection to turn away; else NULL */
    struct stream stream;
    enum connection_state state;
    struct mail mail;

    struct buffer in;            /* read, not yet understood */
    struct buffer out;           /* could not be sent yet */
    struct connection_file file; /* to be sent behind it */
    bool is_unsplicable;         /* the kernel refused to fill a pipe from it */
    bool ends;                   /* nothing will be sent behind them */

    struct fd_watch watch; /* for what the next call on the stream needs */
    struct deadline deadline;
    uint64_t timeout; /* that the handler has set last, in seconds */
    unsigned handles; /* that libuv has not closed yet */
    char peer[ADDRESS_TEXT_MAX];

    alignas(max_align_t) char memory[]; /* of the handler */
};

/* Sends, or keeps what the socket does not take.  A failure closes. */
void connection_send(struct connection *connection, const void *data,
                     size_t size);

/* Sends the first bytes of a file behind that, as the peer takes them, and
 * closes the file.  Each time that the peer takes some, body_timeout begins,
 * and behind the end what was set for the connection.  A file that proves
 * shorter closes the connection.  The last thing to send until
 * connection_is_open(). */
void connection_send_file(struct connection *connection, int fd, uint64_t size);

/* Nothing more will be sent: lets the peer finish, for linger_timeout. */
void connection_finish(struct connection *connection);

/* At once; the handler's release() is called. */
void connection_close(struct connection *connection);

/* Reads nothing and stops the timeout until the handler is resumed. */
void connection_wait(struct connection *connection);

/* Any thread: the handler is resumed.  Or the connection is closed. */
void connection_wake(struct connection *connection);
void connection_cut(struct connection *connection);

/* What was said so and not heard yet is forgotten. */
void connection_forget_wake(struct connection *connection);

/* From now on, unless set again; from when all is sent, if something waits. */
void connection_set_timeout(struct connection *connection, uint64_t seconds);
void connection_no_timeout(struct connection *connection);

/* The one that connection_wait() has stopped, with the time that was left. */
void connection_continue_timeout(struct connection *connection);

/* May the handler take input, and send?  Not while it waits or something waits
 * to be sent. */
bool connection_is_open(const struct connection *connection);

/* Does the server stop? */
bool connection_is_stopping(const struct connection *connection);

/* Now, as a Date field has it. */
const char *connection_date(const struct connection *connection);

struct log_sink *connection_log(const struct connection *connection);

const struct config_server *
connection_settings(const struct connection *connection);

#endif
