/*
 * server/handler.h: what becomes of the bytes that connections bring.
 *
 * Each listener names a handler.  A connection moves bytes and keeps the time;
 * its handler understands them and answers with the calls of connection.h,
 * also from within these functions.  Any of those calls may close the
 * connection: look at connection_is_open() before going on.
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

/* What a handler would like to be given next. */
struct handler_wish {
    uint64_t size;    /* bytes worth reading at once */
    bool may_pipe;    /* they need not be looked at: take_pipe() takes them */
    bool after_reset; /* and count although the peer has reset the connection */
};

struct handler_ops {
    /* Bytes of connection->memory that the handler has for a connection.  They
     * are zero at first. */
    size_t memory;

    /* The connection is over a limit: say the sentence and finish. */
    void (*turn_away)(struct connection *connection, const char *sentence);

    struct handler_wish (*wants)(const struct connection *connection);

    /* Takes input from the front of *input as far as it can be understood now.
     * The rest is offered again, with more behind it. */
    void (*take)(struct connection *connection, struct bits_text *input);

    /* Takes bytes that may_pipe asked for; what is left in the pipe is
     * dropped.  NULL if the handler never asks. */
    void (*take_pipe)(struct connection *connection, struct os_pipe *pipe);

    /* connection_wake() was called.  NULL if the handler never waits. */
    void (*resume)(struct connection *connection);

    /* The timeout has passed while nothing waited to be sent. */
    void (*time_out)(struct connection *connection);

    /* The server stops: may the connection close now?  Others get grace_time
     * to finish. */
    bool (*is_idle)(const struct connection *connection);

    /* The connection closes, whatever the handler waits for.  Nobody may call
     * connection_wake() afterwards. */
    void (*release)(struct connection *connection);
};

struct handler {
    const struct handler_ops *ops;
};

#endif
