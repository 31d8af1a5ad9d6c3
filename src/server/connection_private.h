/*
 * server/connection_private.h: shared by the files of a connection.
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

/* Returns true if data waits to be sent. */
bool connection_is_sending(const struct connection *connection);

/* Watches for the events that the current call needs, unless the handler
 * waits. */
void connection_watch(struct connection *connection);

/* While data waits to be sent, the peer has body_timeout to accept some.  When
 * all is sent, the handler's own timeout starts. */
void connection_time_peer(struct connection *connection);

/* Closes the connection after a call on its stream failed with this negative
 * errno value, and logs the reason if only the stream knows it. */
void connection_fail(struct connection *connection, ssize_t error);

/* Returns false if the connection has closed. *ret_sent is the number of bytes
 * that the stream accepted. */
bool connection_send_some(struct connection *connection, const char *data,
                          size_t size, size_t *ret_sent);

/* Call when everything is sent: has the stream tell the peer, then waits for it
 * to close.  Called again, it adjusts the timeout to a stop of the server. */
void connection_linger(struct connection *connection);

/* Continues what connection_linger() began. */
void connection_finish_stream(struct connection *connection);

/* --- connection_pacing.c --- */

/* Ends a pause; the caller proceeds. */
void connection_end_pause(struct connection *connection);

/* --- connection_receive.c --- */

/* Returns true if input is read, even if it is discarded. */
bool connection_is_reading(const struct connection *connection);

/* Reads once.  Returns false if no more input is available now. */
bool connection_receive(struct connection *connection);

/* Reads what the stream already holds, since no event announces it, then
 * watches. */
void connection_proceed(struct connection *connection);

/* Offers the input that was read before the connection had to wait, then
 * proceeds. */
void connection_go_on(struct connection *connection);

#endif
