/*
 * http1/head.h: the head of an HTTP/1.x request, strict where leniency is a
 * smuggling hole [RFC 9112], rule V1 of docs/protocol.md.
 *
 * Pure: the caller has the bytes and keeps them while texts borrowed from
 * them are in use.  No allocation; any thread.
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

/* Blank lines that are skipped in front of a request line: what old clients
 * put behind the body before it [RFC 9112 2.2]. */
#define HTTP1_BLANK_LINES_MAX 2

struct http1_head {
    struct bits_text method;
    struct bits_text target;
    unsigned minor;          /* HTTP/1.minor: 0 or 1 */
    struct bits_text fields; /* the raw field lines; read with
                                http1_next_field() */
    struct bits_text host;   /* empty: none */
    enum bits_framing framing;
    uint64_t content_length; /* 0 unless framing is BITS_FRAMING_LENGTH */
    bool keep_alive;         /* as version and Connection say */
    bool expect_continue;    /* Expect: 100-continue, HTTP/1.1 only */
};

enum http1_result {
    HTTP1_DONE,    /* a whole head; *ret_used bytes of input */
    HTTP1_PARTIAL, /* sound so far, more is needed */
    HTTP1_REFUSED, /* not HTTP as we take it */
};

/* Why a head is refused. */
struct http1_offence {
    unsigned status;    /* 400, 414, 417 or 505 */
    const char *reason; /* static, in words */
};

/* Reads one head from the start of data.  `scanned` is the number of bytes
 * that an earlier call already found PARTIAL, so that a head which trickles in
 * is not read again and again: 0 at first.  A line is judged as soon as its
 * end is there, the method even before; what is REFUSED does not depend on how
 * the head was cut.  There is no limit on the whole: that is the caller's.
 *
 * *ret_head and *ret_used are written on DONE only, *ret_offence on REFUSED
 * only.  After REFUSED nothing behind the head can be trusted: close. */
enum http1_result http1_head_parse(struct bits_text data, size_t scanned,
                                   struct http1_head *ret_head,
                                   size_t *ret_used,
                                   struct http1_offence *ret_offence);

#endif
