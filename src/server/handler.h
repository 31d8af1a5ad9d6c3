/*
 * server/handler.h: interprets the bytes of connections.
 *
 * Each listener has a handler.  A connection moves bytes and watches the time;
 * its handler interprets the bytes and answers through connection.h, also from
 * within these functions.  Any of those calls may close the connection: check
 * connection_is_open() before continuing.
 *
 * All functions run on the event thread of the connection and must not block.
 */
#ifndef SERVER_HANDLER_H
#define SERVER_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>

struct connection;
struct os_pipe;

/* What a handler wants to read next. */
struct handler_wish {
    uint64_t size;    /* bytes worth reading at once */
    bool may_pipe;    /* the handler accepts them in take_pipe() */
    bool after_reset; /* read on even if the peer has reset the connection */
    bool is_paced;    /* ask connection_admit() before reading */
    struct bits_text user; /* is_paced: for connection_admit() */
};

struct handler_ops {
    /* Bytes of connection->memory that the handler needs for each connection.
     * They start as zeros. */
    size_t memory;

    /* The connection is not served: send the status and the sentence, and
     * finish. */
    void (*turn_away)(struct connection *connection, unsigned status,
                      const char *sentence);

    struct handler_wish (*wants)(const struct connection *connection);

    /* Takes input from the front of *input as far as it is complete.  The rest
     * is offered again, with more input after it. */
    void (*take)(struct connection *connection, struct bits_text *input);

    /* Takes bytes after a wish with may_pipe; bytes left in the pipe are
     * discarded.  NULL if the handler never sets may_pipe. */
    void (*take_pipe)(struct connection *connection, struct os_pipe *pipe);

    /* connection_wake() was called.  NULL if the handler never waits. */
    void (*resume)(struct connection *connection);

    /* The timeout expired while no data waited to be sent. */
    void (*time_out)(struct connection *connection);

    /* The server stops: returns true if the connection may close now.
     * Otherwise it has grace_time to finish. */
    bool (*is_idle)(const struct connection *connection);

    /* The connection closes, even if the handler waits.  Afterwards
     * connection_wake() must not be called. */
    void (*release)(struct connection *connection);
};

struct handler {
    const struct handler_ops *ops;
};

#endif
