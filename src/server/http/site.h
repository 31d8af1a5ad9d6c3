/*
 * server/http/site.h: what a listener of HTTP serves.
 *
 * http.h frames requests, reads their bodies, keeps the time-outs and sends the
 * answers; a site decides on each request, step by step, by a verdict.  All
 * functions run on the event thread of the connection and must not block.
 */
#ifndef SERVER_HTTP_SITE_H
#define SERVER_HTTP_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "http1/body.h"
#include "http1/head.h"
#include "os/pipe.h"
#include "server/http/answer.h"

struct connection;
struct http_site;

/* What becomes of a request. */
enum http_verdict {
    HTTP_PENDING, /* connection_wake() will be called: resume() then */
    HTTP_ANSWER,  /* send exchange->answer, once the body is out of the way */
    HTTP_RECEIVE, /* feed the body */
    HTTP_CUT,     /* close without an answer */
};

/* One request from its head to its answer.  It lives on the heap only while
 * its request runs, so that an idle connection costs little.  A site embeds it
 * in a struct of its own. */
struct http_exchange {
    struct connection *connection;
    struct http1_body body;
    uint64_t brought;          /* content since body_timeout began, bytes */
    unsigned minor;            /* HTTP/1.minor */
    bool receiving;            /* content was asked for */
    bool dropping;             /* the body is read and dropped, then answered */
    bool body_ended;           /* its last byte was read */
    bool may_continue;         /* 100 Continue is awaited and was not sent */
    bool closes;               /* no other request can follow */
    struct http_answer answer; /* written by the site before HTTP_ANSWER; its
                                  file then belongs to the exchange */
};

struct http_site_ops {
    /* Makes an exchange with room for what the site keeps of the head.  NULL:
     * no memory.  The other fields are filled behind it. */
    struct http_exchange *(*open)(struct http_site *site,
                                  struct connection *connection,
                                  const struct http1_head *head);

    /* The texts of the head live during the call. */
    enum http_verdict (*begin)(struct http_exchange *exchange,
                               const struct http1_head *head);

    /* After HTTP_RECEIVE: content of the body, never empty; then its end, if
     * nothing else was decided before.  HTTP_PENDING holds the client back: the
     * connection is not read until resume() receives again.  NULL: begin()
     * never receives. */
    enum http_verdict (*chunk)(struct http_exchange *exchange,
                               struct os_bytes content);
    enum http_verdict (*end)(struct http_exchange *exchange);

    /* After HTTP_PENDING.  NULL: no request ever waits. */
    enum http_verdict (*resume)(struct http_exchange *exchange);

    /* The answer is about to be sent; for the log.  May be NULL. */
    void (*answered)(struct http_exchange *exchange);

    /* Frees the exchange.  It may come at any time after open(), whatever the
     * request waits for; nobody calls connection_wake() afterwards. */
    void (*release)(struct http_exchange *exchange);
};

struct http_site {
    const struct http_site_ops *ops;
};

#endif
