/*
 * http1/head.h: the head of an HTTP/1.x request.  Strict wherever leniency
 * would allow request smuggling [RFC 9112]; rule V1 of docs/protocol.md.
 *
 * Pure: the result borrows from the caller's bytes.  No allocation; any thread.
 */
#ifndef HTTP1_HEAD_H
#define HTTP1_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/packet.h>
#include <openbits/text.h>

/* The longest request target; longer ones get 414. */
#define HTTP1_TARGET_MAX 8192

/* The longest host with a port: a name [RFC 1035 2.3.4], a colon, five
 * digits. */
#define HTTP1_HOST_MAX 261

/* Blank lines that are skipped before a request line: old clients send them
 * after the previous body [RFC 9112 2.2]. */
#define HTTP1_BLANK_LINES_MAX 2

struct http1_head {
    struct bits_text method;
    struct bits_text target;
    unsigned minor;          /* HTTP/1.minor: 0 or 1 */
    struct bits_text fields; /* the raw field lines; read with
                                http1_next_field() */
    struct bits_text host;   /* empty: no Host */
    enum bits_framing framing;
    uint64_t content_length; /* 0 unless framing is BITS_FRAMING_LENGTH */
    bool keep_alive;         /* from version and Connection */
    bool expect_continue;    /* Expect: 100-continue, HTTP/1.1 only */
};

enum http1_result {
    HTTP1_DONE,    /* a complete head; *ret_used bytes of input */
    HTTP1_PARTIAL, /* valid so far, more bytes are needed */
    HTTP1_REFUSED, /* not HTTP as this server accepts it */
};

/* Why a head is refused. */
struct http1_offence {
    unsigned status;    /* 400, 414, 417 or 505 */
    const char *reason; /* static; a sentence */
};

/* Returns true if the text can be the value of Host, and is not empty. */
bool http1_is_host(struct bits_text text);

/* Reads one head from the start of data. `scanned` is the number of bytes for
 * which an earlier call returned PARTIAL (0 at first), so that a head that
 * arrives slowly is not read repeatedly.  A line is checked as soon as its end
 * has arrived, the method even earlier; whether a head is REFUSED does not
 * depend on how it was split.  The caller limits the size of the whole head.
 *
 * *ret_head and *ret_used are written on DONE only, *ret_offence on REFUSED
 * only.  After REFUSED the end of the head is unknown: close the connection. */
enum http1_result http1_head_parse(struct bits_text data, size_t scanned,
                                   struct http1_head *ret_head,
                                   size_t *ret_used,
                                   struct http1_offence *ret_offence);

#endif
