/*
 * server/connection_events.h: what a loop tells its connections.
 */
#ifndef SERVER_CONNECTION_EVENTS_H
#define SERVER_CONNECTION_EVENTS_H

#include <sys/socket.h>

#include "server/connection.h"

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

/* Its mail, of enum mail_word. */
void connection_hear(struct connection *connection, unsigned words);

/* The loop has entered another phase: closes what that phase does not allow. */
void connection_stop(struct connection *connection);

#endif
