/*
 * server/connection_private.h: what the files of a connection share.
 */
#ifndef SERVER_CONNECTION_PRIVATE_H
#define SERVER_CONNECTION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/connection.h"
#include "server/handler.h"

/* --- connection.c --- */

const struct handler_ops *
connection_handler(const struct connection *connection);

/* Does something wait to be sent? */
bool connection_is_sending(const struct connection *connection);

/* Waits for what the call under way needs, unless the handler waits. */
void connection_watch(struct connection *connection);

/* While something waits to be sent the peer has body_timeout to take some;
 * when it has taken all the handler's own timeout begins. */
void connection_time_peer(struct connection *connection);

/* Returns false if the connection has closed, else how many bytes the stream
 * took. */
bool connection_send_some(struct connection *connection, const char *data,
                          size_t size, size_t *ret_sent);

/* Everything is sent: has the stream tell the peer, then waits for it to
 * close.  Called again it takes the time of a stop into account. */
void connection_linger(struct connection *connection);

/* Goes on with that. */
void connection_finish_stream(struct connection *connection);

/* --- connection_receive.c --- */

/* Is input read, even if the handler gets nothing of it? */
bool connection_is_reading(const struct connection *connection);

/* Reads once.  False: there is nothing more to read now. */
bool connection_receive(struct connection *connection);

/* Reads at once what the stream holds, since no event tells of it, then
 * watches. */
void connection_proceed(struct connection *connection);

/* Offers what was read before the connection had to wait, then proceeds. */
void connection_go_on(struct connection *connection);

#endif
