/*
 * server/http/answer.h: an answer to a request, and its form on the wire.
 *
 * Pure; the date is passed in.
 */
#ifndef SERVER_HTTP_ANSWER_H
#define SERVER_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "http1/response.h"

/* The Connection field of an answer. */
enum http_connection {
    HTTP_STAYS,
    HTTP_STAYS_1_0, /* an HTTP/1.0 client asked for keep-alive and expects the
                       field */
    HTTP_CLOSES,
};

/* At most one for each way to sign in. */
#define HTTP_CHALLENGES_MAX 6

/* The part of an answer after the status and the common fields. */
enum http_answer_kind {
    HTTP_ANSWER_TEXT,   /* a sentence */
    HTTP_ANSWER_FIELDS, /* fields of the site, including Content-Length */
    HTTP_ANSWER_HEAD,   /* nothing, to HEAD; Content-Length only with 200 */
    HTTP_ANSWER_FILE,   /* the content of a file */
};

struct http_answer {
    unsigned status;
    enum http_answer_kind kind;
    const char *sentence; /* TEXT, sent as text/plain with a line end; static */
    const char *allow;    /* methods, with 405; else NULL; static */
    /* WWW-Authenticate, with 401: a field for each; NULL ends them; static */
    const char *challenges[HTTP_CHALLENGES_MAX + 1];
    const char *reply; /* WWW-Authenticate, before the others, with any status;
                          NULL: none; lives as long as the exchange */
    unsigned retry_after; /* seconds, with 503; 0: the client decides */
    uint64_t size;    /* HEAD: bytes that GET would send; FILE: bytes to send */
    const char *type; /* FILE: Content-Type; static */
    int file;         /* FILE: open for reading, at any position; the owner of
                         the answer closes it */

    /* FIELDS: writes them. */
    void (*write)(struct http_answer *answer, struct http1_response *response);
};

void http_answer_write(struct http_answer *answer,
                       enum http_connection connection, const char *date,
                       struct http1_response *response);

/* Sent to a client that expects it before it sends its body. */
#define HTTP_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

#endif
