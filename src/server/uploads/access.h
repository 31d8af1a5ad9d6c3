/*
 * server/uploads/access.h: identifies a client and decides whether it may use a
 * section (V2).
 *
 * Called when the section of a request is known, before the upload service gets
 * the request.  All functions run on the event thread of the connection and
 * must not block; a slow check answers later.
 */
#ifndef SERVER_UPLOADS_ACCESS_H
#define SERVER_UPLOADS_ACCESS_H

#include <openbits/cause.h>

#include "config/config.h"
#include "http1/head.h"
#include "server/census.h"
#include "server/http/answer.h"
#include "server/memo.h"
#include "server/stream/stream.h"

struct access;
struct way;

enum access_verdict {
    ACCESS_PENDING, /* decided() follows, from any thread */
    ACCESS_GRANTED, /* to `user` */
    ACCESS_REFUSED, /* answer 401 with `challenges` */
    ACCESS_DENIED,  /* answer `outcome`; signing in would not help */
};

/* The check of one request. */
struct access_check {
    struct access *access;
    const struct config_upload *section;
    struct stream_facts facts;     /* of the client's connection */
    struct census_address address; /* of the client */
    struct bits_text peer;         /* the same for the log */
    bool is_proxied;               /* a trusted proxy sent it */
    const struct http1_head *head; /* during ask() only */
    struct bits_text path;         /* of the target, raw */
    bool is_head;                  /* the method is HEAD */
    bool is_create;                /* the packet is a Create-Session */
    struct bits_text invitation;   /* the parameter; during ask() only */
    unsigned invitation_count;     /* of those parameters */
    void (*decided)(struct access_check *check);

    /* The checker's: what it remembers about the connection.  While the check
     * is pending nothing else uses it. */
    struct connection_memo **memo;

    /* The checker sets these before it returns or calls decided(). */
    enum access_verdict verdict; /* for decided() */
    /* REFUSED: of WWW-Authenticate; NULL ends them; static */
    const char *challenges[HTTP_CHALLENGES_MAX + 1];
    struct bits_outcome outcome; /* DENIED: 403, or 503 for a while */
    char *user; /* GRANTED: from malloc(), freed with the request; NULL:
                   anonymous */
    char *user_for_names; /* GRANTED: the same; {user} of store_as stands for
                             it; NULL: `user` */
    uint64_t max_size;    /* GRANTED: bytes that the file may have; 0: no limit
                             but that of the section */
    int64_t once_until;   /* GRANTED: not 0: `user` may deliver one file only;
                             the end of that rule in seconds since 1970 */
    char *reply; /* GRANTED, REFUSED: one more WWW-Authenticate, also with an
                    answer that is not 401; from malloc(), freed with the
                    request; NULL: none */
    struct access_check *next; /* the checker's, as are these */
    struct way *way;
    void *state;
};

struct access_ops {
    enum access_verdict (*ask)(struct access_check *check);

    /* Call for each request that was granted: whether the user may use the
     * section at all.  GRANTED or DENIED. */
    enum access_verdict (*permit)(struct access_check *check);

    /* The request is released before the decision.  After this call decided()
     * must not be called. */
    void (*forget)(struct access_check *check);
};

struct access {
    const struct access_ops *ops;
};

#endif
