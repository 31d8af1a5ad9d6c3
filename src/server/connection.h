/*
 * server/connection.h: one connection: its stream, its buffers, its time-outs.
 *
 * A connection moves bytes; its listener's handler (handler.h) interprets them.
 * Unless a comment says otherwise, call everything on the thread of the
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
#include "server/memo.h"
#include "server/pacing.h"
#include "server/stream/stream.h"

struct log_sink;
struct loop;

enum connection_state {
    /* The stream's handshake runs.  Done -> OPEN. */
    CONNECTION_HANDSHAKE,
    /* The handler takes input, except while data waits to be sent.
     * connection_wait() -> WAITING; all sent after connection_finish() ->
     * FINISHING. */
    CONNECTION_OPEN,
    /* The handler waits; nothing is read. connection_wake() -> OPEN. */
    CONNECTION_WAITING,
    /* The rate allows no more now; nothing is read.  Its time -> OPEN. */
    CONNECTION_PAUSED,
    /* Everything is sent; the stream tells the peer so.  Told -> LINGERING. */
    CONNECTION_FINISHING,
    /* Input is discarded until the peer closes, because a reset could destroy
     * the answer on its way. -> CLOSED. */
    CONNECTION_LINGERING,
    /* The descriptor is closed; the memory is freed when libuv has closed its
     * handles. */
    CONNECTION_CLOSED,
};

/* The rest of a file that is being sent. */
struct connection_file {
    int fd; /* valid if left is not 0 */
    uint64_t offset;
    uint64_t left; /* bytes */
};

struct connection {
    struct connection *previous; /* in the loop's list */
    struct connection *next;
    struct loop *loop;
    const struct listener *listener;
    struct connection_memo *memo; /* the site's; NULL: none */
    struct census_address address;
    const char *refusal; /* if the connection is over a limit; else NULL */
    struct stream stream;
    enum connection_state state;
    struct mail mail;

    struct buffer in;            /* read, not yet taken by the handler */
    struct buffer out;           /* not yet sent */
    struct connection_file file; /* to be sent after `out` */
    bool is_unsplicable;         /* the kernel cannot splice from it */
    bool ends;                   /* nothing follows them */

    struct fd_watch watch; /* for the next call on the stream */
    struct deadline deadline;
    uint64_t timeout; /* as last set by the handler, in seconds */
    struct pacer pacer;
    bool has_all;     /* that the peer will send; it is read without a pause */
    unsigned handles; /* handles that libuv has not closed yet */
    char peer[ADDRESS_TEXT_MAX];

    alignas(max_align_t) char memory[]; /* the handler's */
};

/* Sends data; keeps a copy of what the socket does not accept now.  Closes the
 * connection on failure. */
void connection_send(struct connection *connection, const void *data,
                     size_t size);

/* Sends the first bytes of a file after the data so far, as the peer accepts
 * them, then closes the file.  Each time the peer accepts some, body_timeout
 * restarts; after the last byte the connection's own timeout starts.  If the
 * file is shorter than size, closes the connection.  Send nothing else until
 * connection_is_open(). */
void connection_send_file(struct connection *connection, int fd, uint64_t size);

/* Call after the last data: lets the peer finish, for linger_timeout. */
void connection_finish(struct connection *connection);

/* Closes at once; calls the handler's release(). */
void connection_close(struct connection *connection);

/* Stops reading and the timeout until the handler is resumed. */
void connection_wait(struct connection *connection);

/* Any thread.  Makes the loop resume the handler, or close the connection. */
void connection_wake(struct connection *connection);
void connection_cut(struct connection *connection);

/* Cancels such a call that the loop has not processed yet. */
void connection_forget_wake(struct connection *connection);

/* Starts the timeout now or, if data waits to be sent, when all is sent.
 * Replaces an earlier timeout. */
void connection_set_timeout(struct connection *connection, uint64_t seconds);
void connection_no_timeout(struct connection *connection);

/* Continues the timeout that connection_wait() stopped, with the time that was
 * left. */
void connection_continue_timeout(struct connection *connection);

/* Asks how many of the next `size` bytes of a transfer of this user may be
 * received now.  0: none; the connection pauses, with its timeout, until the
 * rates allow some, and then offers the input again. */
size_t connection_admit(struct connection *connection, struct bits_text user,
                        size_t size);

/* Bytes that connection_admit() allowed were received. */
void connection_received(struct connection *connection, size_t size);

/* The transfer has ended. */
void connection_end_transfer(struct connection *connection);

/* Returns true if the handler may take input and send: not while it waits or
 * the connection pauses, or while data waits to be sent. */
bool connection_is_open(const struct connection *connection);

/* Returns true if the server is stopping. */
bool connection_is_stopping(const struct connection *connection);

/* The current time as the value of a Date field. */
const char *connection_date(const struct connection *connection);

/* Logs a sentence about what the peer sent, within a limit of such lines. */
void connection_complain(struct connection *connection, const char *event,
                         const char *words);

struct log_sink *connection_log(const struct connection *connection);

const struct config_server *
connection_settings(const struct connection *connection);

#endif
