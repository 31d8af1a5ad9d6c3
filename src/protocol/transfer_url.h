/*
 * protocol/transfer_url.h: the URLs of a transfer's packets and of its reply,
 * rules C35, C36 and C43 of docs/protocol.md.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_URL_H
#define PROTOCOL_TRANSFER_URL_H

#include <openbits/transfer.h>

/* Returns true for a host name, an IPv4 address, or an IPv6 address without
 * brackets. */
bool url_is_host(struct bits_text text);

/* Returns true if a transfer can use this URL. */
bool url_is_usable(struct bits_text url);

/* The URL with another host, terminated.  Keeps scheme, port, path and query;
 * drops a user name. */
struct bits_text url_with_host(struct bits_text url, struct bits_text host,
                               char room[BITS_URL_ROOM]);

/* A reply URL as Windows reads it, resolved against the user's URL, terminated:
 * turns backslashes, escapes what a URL cannot hold.  Empty if it may not be
 * fetched. */
struct bits_text url_of_reply(struct bits_text url, struct bits_text reply,
                              char room[BITS_URL_ROOM]);

/* Returns true if both have the same scheme, host and port. */
bool url_same_origin(struct bits_text a, struct bits_text b);

/* The host without port and brackets; empty if the URL has none. */
struct bits_text url_host(struct bits_text url);

#endif
