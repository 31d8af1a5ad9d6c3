/*
 * server/http/site.h: the content of an HTTP listener.
 *
 * http.h frames requests, reads their bodies, watches the time-outs and sends
 * the answers; a site decides on each request step by step with verdicts.  All
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

/* A site's decision on a request. */
enum http_verdict {
    HTTP_PENDING, /* wait: the site calls connection_wake(), then resume() is
                     called */
    HTTP_ANSWER,  /* send exchange->answer when the body is out of the way */
    HTTP_RECEIVE, /* feed the body */
    HTTP_CUT,     /* close without an answer */
};

/* One request from its head to its answer.  It exists only while its request
 * runs, so that an idle connection costs little.  A site embeds it in a struct
 * of its own. */
struct http_exchange {
    struct connection *connection;
    struct http1_body body;
    uint64_t brought;          /* content bytes since body_timeout started */
    unsigned minor;            /* HTTP/1.minor */
    struct bits_text user;     /* whose rate counts, set by the site; must
                                  live as long as the exchange; empty:
                                  anonymous */
    bool receiving;            /* content was requested */
    bool dropping;             /* the body is read and discarded, then
                                  answered */
    bool body_ended;           /* its last byte was read */
    bool may_continue;         /* the client expects 100 Continue, not yet
                                  sent */
    bool closes;               /* no further request can follow */
    struct http_answer answer; /* written by the site before HTTP_ANSWER; its
                                  file then belongs to the exchange */
};

struct http_site_ops {
    /* Makes an exchange, all of it zero, in the site's own struct.  Copy what
     * you need of the head.  Returns NULL if memory ran out.  The caller then
     * fills `connection` and the fields of the body.  The other functions get
     * no site: keep a pointer to yours beside the exchange. */
    struct http_exchange *(*open)(struct http_site *site,
                                  struct connection *connection,
                                  const struct http1_head *head);

    /* The texts of the head are valid during the call only. */
    enum http_verdict (*begin)(struct http_exchange *exchange,
                               const struct http1_head *head);

    /* After HTTP_RECEIVE: content of the body, never empty; then its end,
     * unless the site decided earlier.  HTTP_PENDING stops reading the
     * connection until resume() returns HTTP_RECEIVE.  NULL: begin() never
     * returns HTTP_RECEIVE. */
    enum http_verdict (*chunk)(struct http_exchange *exchange,
                               struct os_bytes content);
    enum http_verdict (*end)(struct http_exchange *exchange);

    /* After HTTP_PENDING.  NULL: the site never returns HTTP_PENDING. */
    enum http_verdict (*resume)(struct http_exchange *exchange);

    /* The answer is about to be sent; for the log.  May be NULL. */
    void (*answered)(struct http_exchange *exchange);

    /* Frees the exchange.  Called at any time after open(), even while the
     * request waits.  Afterwards connection_wake() must not be called. */
    void (*release)(struct http_exchange *exchange);
};

struct http_site {
    const struct http_site_ops *ops;
};

#endif
