/*
 * protocol/transfer_url.h: where the packets of a transfer go and where its
 * reply is, rules C35, C36 and C43 of docs/protocol.md.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_URL_H
#define PROTOCOL_TRANSFER_URL_H

#include <openbits/transfer.h>

/* A host name, an IPv4 address, or an IPv6 address without brackets. */
bool url_is_host(struct bits_text text);

/* Can a transfer go there? */
bool url_is_usable(struct bits_text url);

/* The URL with another host; scheme, port, path and query stay, a user name
 * goes.  Terminated. */
struct bits_text url_with_host(struct bits_text url, struct bits_text host,
                               char room[BITS_URL_ROOM]);

/* A reply URL as Windows means it, resolved against the user's: back-slashes
 * turned, what a URL cannot hold escaped.  Empty: none that may be fetched.
 * Terminated. */
struct bits_text url_of_reply(struct bits_text url, struct bits_text reply,
                              char room[BITS_URL_ROOM]);

/* Both with the same scheme, host and port. */
bool url_same_origin(struct bits_text a, struct bits_text b);

/* The host without port and brackets; empty if there is none. */
struct bits_text url_host(struct bits_text url);

#endif
