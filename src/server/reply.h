/*
 * server/reply.h: what the server sends: Acks, and plain answers to requests
 * that are no packet.
 *
 * Pure but for the date, which is passed in.
 */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include <stdbool.h>

#include <openbits/session.h>

#include "http1/response.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT" and its end. */
#define REPLY_DATE_SIZE 30

/* What Connection says. */
enum reply_connection {
    REPLY_STAYS,
    REPLY_STAYS_1_0, /* an HTTP/1.0 client asked for it and must be told */
    REPLY_CLOSES,
};

/* An answer in words to a request that is no packet of the protocol. */
struct reply_plain {
    unsigned status; /* 0: there is no plain answer */
    const char *sentence;
    const char *allow; /* methods, with 405; else NULL */
    bool head_only;    /* answers HEAD */
    bool has_size;     /* size goes into Content-Length; with head_only */
    uint64_t size;     /* bytes of the file that HEAD names */
};

/* Seconds since 1970 as a Date field wants them. */
void reply_format_date(int64_t now, char ret_date[REPLY_DATE_SIZE]);

void reply_write_ack(struct http1_response *response,
                     const struct bits_answer *answer,
                     enum reply_connection connection, const char *date);

void reply_write_plain(struct http1_response *response,
                       const struct reply_plain *plain,
                       enum reply_connection connection, const char *date);

/* "HTTP/1.1 100 Continue" and the empty line. */
void reply_write_continue(struct http1_response *response);

#endif
