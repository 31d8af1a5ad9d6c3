/*
 * server/http/http.h: the handler of listeners that speak HTTP/1.1: requests
 * one after another, each answered by a site.
 */
#ifndef SERVER_HTTP_HTTP_H
#define SERVER_HTTP_HTTP_H

#include "server/handler.h"
#include "server/http/site.h"

struct http {
    struct handler handler;
    struct http_site *site;
};

/* The site must live as long. */
void http_init(struct http *http, struct http_site *site);

/* The request makes no sense, and nothing behind it can be trusted: logs that,
 * and writes an answer after which the connection closes.  For sites. */
enum http_verdict http_refuse(struct http_exchange *exchange, unsigned status,
                              const char *sentence);

#endif
