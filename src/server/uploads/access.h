/*
 * server/uploads/access.h: who a client is, and whether it may use a section
 * (V2).
 *
 * It is asked once the section of a request is known, and before the upload
 * service learns of the request.  All functions run on the event thread of the
 * connection and must not block; a check that takes time answers later.
 */
#ifndef SERVER_UPLOADS_ACCESS_H
#define SERVER_UPLOADS_ACCESS_H

#include "config/config.h"
#include "http1/head.h"
#include "server/stream/stream.h"

struct access;

enum access_verdict {
    ACCESS_PENDING, /* decided() will be called, from any thread */
    ACCESS_GRANTED, /* `user` says to whom */
    ACCESS_REFUSED, /* 401 with `challenge` */
};

/* One request that is checked. */
struct access_check {
    struct access *access;
    const struct config_upload *section;
    struct stream_facts facts;     /* of the client's connection */
    const struct http1_head *head; /* during ask() only */
    void (*decided)(struct access_check *check);

    /* Written by whoever checks, before the verdict. */
    enum access_verdict verdict; /* for decided() */
    const char *challenge;       /* REFUSED: of WWW-Authenticate; static */
    char *user; /* GRANTED: from malloc(), freed with the request;
                   NULL: anonymous */
    void *state;
};

struct access_ops {
    enum access_verdict (*ask)(struct access_check *check);

    /* The request is released before it heard of a decision.  decided() must
     * not be called any more when this returns. */
    void (*forget)(struct access_check *check);
};

struct access {
    const struct access_ops *ops;
};

#endif
