/*
 * server/uploads/http_packet.h: one request of the upload service, made from
 * the head of an HTTP request.
 *
 * It holds copies of those texts of the head that the request needs.
 */
#ifndef SERVER_UPLOADS_HTTP_PACKET_H
#define SERVER_UPLOADS_HTTP_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "http1/head.h"
#include "server/http/forwarded.h"
#include "server/http/site.h"
#include "server/uploads/access.h"
#include "server/uploads/invitation_parameter.h"
#include "upload/upload.h"

struct uploads;

enum packet_kind {
    PACKET_BITS, /* BITS_POST, or POST that stands for it */
    PACKET_HEAD,
    PACKET_OTHER,
};

struct packet {
    struct http_exchange exchange;
    struct upload_request request;
    struct uploads *uploads; /* the site */
    struct forwarded client; /* without its host */
    bool is_long;            /* its body is longer than its range */
    uint64_t received;       /* content bytes of a chunked body so far */
    struct access_check check;
    bool checking; /* waiting for access to decide */
    enum packet_kind kind;
    bool begun; /* upload_begin() or upload_look() was called */
    struct invitation_parameter invitation; /* of the head; while it is there */
    struct bits_text method;                /* these point into `text` */
    struct bits_text target;                /* without the invitation */
    size_t text_size;
    char text[]; /* method, target, URL and session id */
};

/* What a listener and a connection contribute to every request. */
struct packet_origin {
    struct forwarded client;
    const char *authority; /* of the listener; for clients without Host */
    bool method_override;  /* POST may replace BITS_POST */
};

/* Returns NULL if memory ran out. */
struct packet *packet_new(const struct packet_origin *origin,
                          const struct http1_head *head);

/* Reads the head.  Returns NULL, or what is wrong with the target; then the
 * request must not begin. */
const char *packet_read(struct packet *packet,
                        const struct packet_origin *origin,
                        const struct http1_head *head);

#endif
