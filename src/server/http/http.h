/*
 * server/http/http.h: the handler of listeners that speak HTTP/1.1: one request
 * after another, each answered by a site.
 */
#ifndef SERVER_HTTP_HTTP_H
#define SERVER_HTTP_HTTP_H

#include "server/handler.h"
#include "server/http/site.h"

struct http {
    struct handler handler;
    struct http_site *site;
};

/* The site must outlive the handler. */
void http_init(struct http *http, struct http_site *site);

/* For sites.  The request is malformed and the bytes after it cannot be
 * trusted: logs that, and writes an answer after which the connection
 * closes. */
enum http_verdict http_refuse(struct http_exchange *exchange, unsigned status,
                              const char *sentence);

#endif
