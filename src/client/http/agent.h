/*
 * client/http/agent.h: the user agent: sends a request and reads its answer,
 * over libcurl, which only agent*.c knows.
 *
 * Connections, cookies and what authentication has learnt live as long as the
 * agent.  It follows no redirects and speaks HTTP/1.1 only.  The caller decides
 * what to send and what an answer means.  One thread uses an agent; the first
 * one of a process is made while the process has one thread only.
 */
#ifndef CLIENT_HTTP_AGENT_H
#define CLIENT_HTTP_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>
#include <openbits/transfer.h>

#include "client/http/throttle.h"
#include "client/settings/settings.h"
#include "client/stop.h"

struct agent;

/* `url` is the user's: credentials are looked up for its host.  Settings and
 * stop are borrowed.  NULL: a file that the settings name cannot be used, the
 * fault says which and what to do. */
struct agent *agent_new(const struct settings *settings, const char *url,
                        struct stop *stop, struct fault *ret_fault);
struct agent *agent_free(struct agent *agent);

/* The rate of the settings holds for all agents that share the throttle,
 * which is borrowed. */
void agent_share_throttle(struct agent *agent, struct throttle *throttle);

/* Is there something that answers a 401, a 407? */
bool agent_has_credentials(const struct agent *agent);
bool agent_has_proxy_credentials(const struct agent *agent);

/* Why credentials that are there did not go along with the last request that
 * should have had them: a sentence without a full stop.  NULL: they did. */
const char *agent_hint(const struct agent *agent);

struct agent_field {
    const char *name;
    struct bits_text value;
};

enum agent_method {
    AGENT_PACKET, /* BITS_POST, or POST as settings->method says */
    AGENT_GET,
};

struct agent_request {
    enum agent_method method;
    const char *url;
    /* Without Content-Length, which follows from the size of the body. */
    const struct agent_field *fields;
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
    /* Bytes of a body without `reply`: an error page, for example.  NULL: they
     * are dropped. */
    void (*page)(void *context, const char *bytes, size_t size);

    /* Called at least so often while it lasts; NULL: never.  May ask the
     * stop. */
    void (*tick)(void *context, uint64_t body_sent);
    unsigned tick_ms;
    void *context;
};

enum agent_end {
    AGENT_ANSWERED,  /* a whole head; with `reply`, a whole body, too */
    AGENT_BROKEN,    /* `transport` says how */
    AGENT_UNSENT,    /* proven_only, and the connection is new */
    AGENT_STOPPED,   /* stop was asked */
    AGENT_ABORTED,   /* `read` or `reply` wanted it */
    AGENT_TOO_LARGE, /* the reply is longer than settings allow */
};

struct agent_result {
    enum agent_end end;
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

void agent_send(struct agent *agent, const struct agent_request *request,
                struct agent_result *ret_result);

/* Forgets the cookies: they belong to a session. */
void agent_forget_cookies(struct agent *agent);

/* The cookies, a line each, as agent_put_cookies() takes them; the caller
 * frees.  NULL: there are none. */
char *agent_cookies(const struct agent *agent);
void agent_put_cookies(struct agent *agent, const char *lines);

#endif
