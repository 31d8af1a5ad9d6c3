/*
 * server/http/forwarded.h: the client behind a proxy, as X-Forwarded-For,
 * X-Forwarded-Proto, X-Forwarded-Host or Forwarded [RFC 7239] name it.
 *
 * Pure; any thread.
 */
#ifndef SERVER_HTTP_FORWARDED_H
#define SERVER_HTTP_FORWARDED_H

#include <openbits/text.h>

#include "http1/head.h"
#include "options/list.h"
#include "server/address.h"
#include "server/census.h"

/* The client of a request, and how it reached the first proxy, or bitsd. */
struct forwarded {
    struct census_address address;
    char peer[ADDRESS_TEXT_MAX]; /* the same for the log */
    struct bits_text scheme;     /* static */
    struct bits_text host;       /* in the head; empty: Host counts */
};

/* Call for a request from a trusted proxy. *client starts as the proxy that
 * sent it; what the head says about the client replaces that.  The client is
 * the nearest hop that is not in `trusted`.  A hop that is malformed ends the
 * search at the proxy that wrote it; other malformed values are ignored.
 * Returns NULL, or what was ignored, a sentence without a full stop. */
const char *forwarded_read(const struct http1_head *head,
                           const struct string_list *trusted,
                           struct forwarded *client);

#endif
