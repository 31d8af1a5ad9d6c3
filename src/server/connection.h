/*
 * server/connection.h: one connection: its stream, its buffers, its clock.
 *
 * Here is how bytes come and go; what they mean is the affair of
 * conversation.h.  Everything runs on the thread of the connection's loop.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "config/config.h"
#include "server/address.h"
#include "server/bytes.h"
#include "server/census.h"
#include "server/deadline.h"
#include "server/exchange.h"
#include "server/listener.h"
#include "server/stream/stream.h"

struct loop;

enum connection_state {
    /* The stream has not begun yet.  Begun -> IDLE or FINISHING. */
    CONNECTION_HANDSHAKE,
    /* No byte of a request is here.  A byte -> HEAD. */
    CONNECTION_IDLE,
    /* A head comes in.  Whole -> WAITING, BODY or IDLE; refused ->
     * FINISHING. */
    CONNECTION_HEAD,
    /* The upload service has the request; nothing is read.  Its word -> BODY,
     * IDLE, FINISHING or CLOSED. */
    CONNECTION_WAITING,
    /* A body is read, to be stored or to be dropped.  Its end -> WAITING,
     * IDLE or FINISHING. */
    CONNECTION_BODY,
    /* Everything is sent; the stream tells the peer.  Told -> LINGERING. */
    CONNECTION_FINISHING,
    /* What still comes is dropped until the peer closes, so that no reset
     * destroys the answer on its way.  -> CLOSED. */
    CONNECTION_LINGERING,
    /* The descriptor is gone; the memory goes when libuv is done with it. */
    CONNECTION_CLOSED,
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
    struct exchange *exchange; /* WAITING and BODY; else NULL */

    struct bytes in;     /* read, not yet understood */
    size_t scanned;      /* bytes of it known to be a partial head */
    struct bytes out;    /* could not be sent yet */
    bool is_unsplicable; /* the kernel refused to fill a pipe from it */
    bool ends;           /* nothing will be sent behind `out` */

    uv_poll_t poll;
    int wanted;  /* events that the next call on the stream waits for */
    int watched; /* events that poll waits for; 0: it is stopped */
    struct deadline deadline;
    unsigned handles; /* that libuv has not closed yet */
    char peer[ADDRESS_TEXT_MAX];
};

/* A socket that a listener has accepted. */
struct connection_arrival {
    const struct listener *listener;
    int fd;
    const struct sockaddr *peer;
    struct census_address address;
    const char *refusal; /* static; NULL: the connection is welcome */
};

/* Makes a connection, which owns the socket.  NULL: no memory; the socket is
 * closed. */
struct connection *connection_new(struct loop *loop,
                                  const struct connection_arrival *arrival);

/* Call once after connection_new(). */
void connection_start(struct connection *connection);

/* Sends, or keeps what the socket does not take.  A failure closes. */
void connection_send(struct connection *connection, const void *data,
                     size_t size);

/* Nothing more will be sent: lets the peer finish, for linger_timeout. */
void connection_finish(struct connection *connection);

/* Everything is sent: waits for the peer to close. */
void connection_linger(struct connection *connection);

/* At once; an unfinished request counts as cut. */
void connection_close(struct connection *connection);

/* Goes on with what was read before the connection had to wait. */
void connection_resume(struct connection *connection);

/* From now on, unless set again. */
void connection_set_timeout(struct connection *connection, uint64_t seconds);
void connection_no_timeout(struct connection *connection);

/* May input be taken now? */
bool connection_is_reading(const struct connection *connection);

const struct config_server *
connection_settings(const struct connection *connection);

#endif
