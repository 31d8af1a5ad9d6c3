/*
 * server/uploads/web_origin.h: which web pages may send requests [RFC 6454].
 *
 * A browser sends a page's requests with whatever its user is logged in with,
 * and names the page in Origin.  BITS, curl and bits send no Origin.
 */
#ifndef SERVER_UPLOADS_WEB_ORIGIN_H
#define SERVER_UPLOADS_WEB_ORIGIN_H

#include <stdbool.h>

#include "http1/head.h"
#include "options/list.h"
#include "server/listener.h"

/* Returns false if the request has an Origin that is neither that of one of
 * the URLs nor, on a listener that only this machine reaches, of a page of
 * this machine. */
bool web_origin_is_allowed(const struct http1_head *head,
                           const struct string_list *urls,
                           const struct listener *listener);

#endif
