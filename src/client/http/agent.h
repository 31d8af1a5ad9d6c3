/*
 * client/http/agent.h: the user agent: sends a request and reads its answer.
 * Uses libcurl, which only agent*.c knows.
 *
 * Connections, cookies and the state of an authentication live as long as the
 * agent.  It follows no redirects and speaks HTTP/1.1 only.  The caller decides
 * what to send and interprets the answer.  One thread uses an agent.  Create
 * the first agent of a process before starting threads.
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

/* `url` is the user's: credentials are looked up for its host.  Borrows
 * settings and stop.  Returns NULL if a file named by the settings cannot be
 * used; the fault names it with the remedy. */
struct agent *agent_new(const struct settings *settings, const char *url,
                        struct stop *stop, struct fault *ret_fault);
struct agent *agent_free(struct agent *agent);

/* All agents that share the throttle send together at most at its rate.
 * Borrows the throttle. */
void agent_share_throttle(struct agent *agent, struct throttle *throttle);

/* Returns true if there are credentials for a 401 or a 407. */
bool agent_has_credentials(const struct agent *agent);
bool agent_has_proxy_credentials(const struct agent *agent);

/* Why existing credentials were not sent with the last request that needed
 * them: a sentence without a full stop.  NULL: they were sent. */
const char *agent_hint(const struct agent *agent);

struct agent_field {
    const char *name;
    struct bits_text value;
};

enum agent_method {
    AGENT_PACKET, /* BITS_POST, or POST if settings->method asks for it */
    AGENT_GET,
};

struct agent_request {
    enum agent_method method;
    const char *url;
    /* Without Content-Length: the size of the body gives it. */
    const struct agent_field *fields;
    size_t field_count;

    uint64_t body_size;
    /* Returns bytes of the body from `offset` on: at least 1, at most `size`.
     * 0: reading failed; aborts the request.  NULL: no body. */
    size_t (*read)(void *context, uint64_t offset, char *room, size_t size);

    bool expect;      /* with Expect: 100-continue */
    bool trusted;     /* send cookies and the user's own headers */
    bool credentials; /* send credentials; requires trusted */
    bool proxy_credentials;
    bool challenged; /* read a token or password file again */
    /* Send it only on the connection of the last successful request. */
    bool proven_only;
    /* Do not resend it on a new connection after the old one broke: the meaning
     * of the answer depends on whether the first one had arrived. */
    bool once;

    /* The answer as it arrives: the status of each head (including interim
     * heads and those of an authentication), its fields, the bytes of a body.
     * `reply` may be NULL; it returns false to abort the request. */
    void (*status)(void *context, unsigned status);
    void (*field)(void *context, struct bits_text name, struct bits_text value);
    bool (*reply)(void *context, unsigned status, const char *bytes,
                  size_t size);
    /* Bytes of a body without `reply`, for example of an error page.  NULL:
     * they are discarded. */
    void (*page)(void *context, const char *bytes, size_t size);

    /* Called at least this often while the request runs; NULL: never.  May
     * request a stop. */
    void (*tick)(void *context, uint64_t body_sent);
    unsigned tick_ms;
    void *context;
};

enum agent_end {
    AGENT_ANSWERED,  /* a complete head arrived; with `reply`, a complete body,
                        too */
    AGENT_BROKEN,    /* see `transport` */
    AGENT_UNSENT,    /* proven_only, but the connection would be new */
    AGENT_STOPPED,   /* a stop was requested */
    AGENT_ABORTED,   /* `read` or `reply` requested it */
    AGENT_TOO_LARGE, /* the reply is longer than settings allow */
};

struct agent_result {
    enum agent_end end;
    enum bits_transport transport; /* BROKEN */
    unsigned status;               /* ANSWERED */
    uint64_t body_sent;
    bool new_connection;
    bool repeated; /* it was resent on a new connection after the old one broke;
                      an answer belongs to the second request */
    uint64_t elapsed_ms;
    char peer[64];   /* address of the server or the proxy; empty: not
                        connected */
    char words[256]; /* BROKEN: libcurl's message; may contain text of a peer */
};

void agent_send(struct agent *agent, const struct agent_request *request,
                struct agent_result *ret_result);

/* Forgets the cookies, which belong to a session. */
void agent_forget_cookies(struct agent *agent);

/* The cookies, one per line, for agent_put_cookies(); the caller frees them.
 * NULL: no cookies. */
char *agent_cookies(const struct agent *agent);
void agent_put_cookies(struct agent *agent, const char *lines);

#endif
