/*
 * server/connection_events.h: the calls that a loop makes on its connections.
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
    const char *refusal; /* static; NULL: the connection is accepted */
};

/* Makes a connection, which owns the socket.  Returns NULL if memory ran out;
 * the socket is closed then. */
struct connection *connection_new(struct loop *loop,
                                  const struct connection_arrival *arrival);

/* Call once after connection_new(). */
void connection_start(struct connection *connection);

/* Processes its mail: words of enum mail_word. */
void connection_hear(struct connection *connection, unsigned words);

/* Call when the loop has entered another phase: closes the connection if the
 * phase does not allow it. */
void connection_stop(struct connection *connection);

/* Call for all connections when the configuration has changed, the first for
 * all of them before the second: a connection that pauses asks again, by the
 * rates that are in force now. */
void connection_return_portion(struct connection *connection);
void connection_ask_again(struct connection *connection);

#endif
