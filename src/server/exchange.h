/*
 * server/exchange.h: one request from its head to its answer.
 *
 * It lives on the heap only while its request runs, so that an idle
 * connection costs little.  It holds copies of the few texts of the head that
 * the request needs.
 */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include <stdbool.h>

#include "http1/body.h"
#include "http1/head.h"
#include "server/mailbox.h"
#include "server/reply.h"
#include "server/stream/stream.h"
#include "upload/upload.h"

struct connection;

struct exchange {
    struct upload_request request;
    struct mail mail;
    struct mailbox *mailbox;
    struct connection *connection;
    struct http1_head head;
    struct http1_body body;
    uint64_t received; /* content of a chunked body so far, bytes */
    uint64_t brought;  /* content since body_timeout began, bytes */

    bool is_packet;           /* BITS_POST, under one name or another */
    bool begun;               /* the upload service knows it */
    bool dropping;            /* the body is read and dropped, then answered */
    bool body_ended;          /* its last byte was read */
    bool may_continue;        /* 100 Continue is awaited and was not sent */
    bool closes;              /* no other request can follow */
    struct reply_plain plain; /* the answer, if it is no Ack */
    size_t text_size;
    char text[]; /* method, target, URL and session id */
};

/* What a listener and a connection know of every request. */
struct exchange_origin {
    struct connection *connection;
    struct mailbox *mailbox;
    const char *authority; /* of the listener; for clients without Host */
    struct bits_text peer;
    struct stream_facts facts;
    bool method_override; /* POST may stand for BITS_POST */
};

/* Makes an exchange from a parsed head, whose bytes are not needed afterwards.
 * It may come with a plain answer already.  NULL: no memory. */
struct exchange *exchange_new(const struct exchange_origin *origin,
                              const struct http1_head *head);

/* If upload_look() was asked, what it found becomes the plain answer. */
void exchange_take_look(struct exchange *exchange);

/* The upload service must have released the request. */
void exchange_free(struct exchange *exchange);

#endif
