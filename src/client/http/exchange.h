/*
 * client/http/exchange.h: one request and its answer, over libcurl, the only
 * part that knows it.
 *
 * Connections, cookies and what authentication has learnt live as long as the
 * exchange.  No redirects, HTTP/1.1 only.  What to send, and what an answer
 * means, is for others to say.  One thread for one exchange; the first of a
 * process is made while there is one thread only.
 */
#ifndef CLIENT_HTTP_EXCHANGE_H
#define CLIENT_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>
#include <openbits/transfer.h>

#include "client/http/throttle.h"
#include "client/settings/settings.h"
#include "client/stop.h"

struct exchange;

#define EXCHANGE_FAULT_MAX 384

/* `url` is the user's: credentials are looked up for its host.  Settings and
 * stop are borrowed.  NULL: a file that the settings name cannot be used, the
 * fault says which and what to do. */
struct exchange *exchange_new(const struct settings *settings, const char *url,
                              struct stop *stop,
                              char ret_fault[EXCHANGE_FAULT_MAX]);
struct exchange *exchange_free(struct exchange *exchange);

/* The rate of the settings holds for all exchanges that share the throttle,
 * which is borrowed. */
void exchange_share_throttle(struct exchange *exchange,
                             struct throttle *throttle);

/* Is there something that answers a 401, a 407? */
bool exchange_has_credentials(const struct exchange *exchange);
bool exchange_has_proxy_credentials(const struct exchange *exchange);

/* Why credentials that are there did not go along with the last request that
 * should have had them: a sentence without a full stop.  NULL: they did. */
const char *exchange_hint(const struct exchange *exchange);

struct exchange_field {
    const char *name;
    struct bits_text value;
};

enum exchange_method {
    EXCHANGE_PACKET, /* BITS_POST, or POST as settings->method says */
    EXCHANGE_GET,
};

struct exchange_request {
    enum exchange_method method;
    const char *url;
    /* Without Content-Length, which follows from the size of the body. */
    const struct exchange_field *fields;
    size_t field_count;

    uint64_t body_size;
    /* Bytes of the body from `offset` on, at most `size`, at least 1.  0: they
     * cannot be had, the request is aborted.  NULL: no body. */
    size_t (*read)(void *context, uint64_t offset, char *room, size_t size);

    bool expect;      /* with Expect: 100-continue */
    bool trusted;     /* with cookies and the user's own headers */
    bool credentials; /* only with trusted */
    bool proxy_credentials;
    bool challenged; /* a token or a password file is read again */
    /* To leave only on a connection on which the last request went well. */
    bool proven_only;
    /* Not to be sent again on a fresh connection after the old one broke: what
     * the answer means depends on whether it had arrived. */
    bool once;

    /* What comes back, as it comes: the status of each head, the interim ones
     * and those of an authentication too, its fields, the bytes of a body.
     * `reply` may be NULL; false: the request is aborted. */
    void (*status)(void *context, unsigned status);
    void (*field)(void *context, struct bits_text name, struct bits_text value);
    bool (*reply)(void *context, unsigned status, const char *bytes,
                  size_t size);

    /* Called at least so often while it lasts; NULL: never.  May ask the
     * stop. */
    void (*tick)(void *context, uint64_t body_sent);
    unsigned tick_ms;
    void *context;
};

enum exchange_end {
    EXCHANGE_ANSWERED,  /* a whole head; with `reply`, a whole body, too */
    EXCHANGE_BROKEN,    /* `transport` says how */
    EXCHANGE_UNSENT,    /* proven_only, and the connection is new */
    EXCHANGE_STOPPED,   /* stop was asked */
    EXCHANGE_ABORTED,   /* `read` or `reply` wanted it */
    EXCHANGE_TOO_LARGE, /* the reply is longer than settings allow */
};

struct exchange_result {
    enum exchange_end end;
    enum bits_transport transport; /* BROKEN */
    unsigned status;               /* ANSWERED */
    uint64_t body_sent;
    bool new_connection;
    bool repeated; /* it left again on a fresh connection after the old one
                      broke; the answer, if any, is to that */
    uint64_t elapsed_ms;
    char peer[64];   /* address of the server or the proxy; empty: none */
    char words[256]; /* BROKEN: what libcurl says; may hold text of a peer */
};

void exchange_run(struct exchange *exchange,
                  const struct exchange_request *request,
                  struct exchange_result *ret_result);

/* Forgets the cookies: they belong to a session. */
void exchange_forget_cookies(struct exchange *exchange);

/* The cookies, a line each, as exchange_put_cookies() takes them; the caller
 * frees.  NULL: there are none. */
char *exchange_cookies(const struct exchange *exchange);
void exchange_put_cookies(struct exchange *exchange, const char *lines);

#endif
