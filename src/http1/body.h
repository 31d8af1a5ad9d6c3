/*
 * http1/body.h: finds the content of a request's body, and its end [RFC 9112 6,
 * 7.1].
 *
 * The caller feeds the bytes that arrived; the reader points at the next run of
 * content in them and copies nothing.  Pure; no allocation; one thread at a
 * time.
 */
#ifndef HTTP1_BODY_H
#define HTTP1_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/packet.h>
#include <openbits/text.h>

/* Limits in bytes, line ends included: one chunk-size line or trailer field;
 * all trailers of a body. */
#define HTTP1_CHUNK_LINE_MAX 4096
#define HTTP1_TRAILERS_MAX 16384

enum http1_body_state {
    HTTP1_BODY_CONTENT, /* more content may follow */
    HTTP1_BODY_END,     /* the body is complete; what follows is the next
                           request */
    HTTP1_BODY_BROKEN,  /* malformed chunked coding: close the connection */
};

/* State of a chunked body, private to the reader.  In the order in which a body
 * passes the states; CONTENT_LF returns to SIZE_START. */
enum http1_chunk_state {
    HTTP1_CHUNK_SIZE_START, /* the first digit of a size must follow */
    HTTP1_CHUNK_SIZE,
    HTTP1_CHUNK_EXTENSION,
    HTTP1_CHUNK_SIZE_LF,
    HTTP1_CHUNK_CONTENT,
    HTTP1_CHUNK_CONTENT_CR,
    HTTP1_CHUNK_CONTENT_LF,
    HTTP1_CHUNK_TRAILER_START, /* after the last chunk or a trailer */
    HTTP1_CHUNK_TRAILER_NAME,
    HTTP1_CHUNK_TRAILER_VALUE,
    HTTP1_CHUNK_TRAILER_LF,
    HTTP1_CHUNK_END_LF,
    HTTP1_CHUNK_END,
    HTTP1_CHUNK_BROKEN,
};

/* Fields are private to the reader. */
struct http1_body {
    enum bits_framing framing;
    uint64_t left; /* bytes left of the body or of the current chunk */
    enum http1_chunk_state chunk_state;
    size_t line;     /* bytes of the current chunk line or trailer */
    size_t trailers; /* bytes of all trailers */
};

void http1_body_init(struct http1_body *body, enum bits_framing framing,
                     uint64_t content_length);

/* Takes input from the start of *input and advances *input.  Afterwards
 * *ret_content is the next run of content (may be empty), within the bytes
 * taken.  Call again until *input is empty or the state is not CONTENT.  A body
 * of length 0 returns END at once and takes nothing. */
enum http1_body_state http1_body_take(struct http1_body *body,
                                      struct bits_text *input,
                                      struct bits_text *ret_content);

/* The same for content that the caller moved without this reader: size bytes,
 * at most the rest of a body with Content-Length. */
enum http1_body_state http1_body_pass(struct http1_body *body, size_t size);

/* Bytes of content that must follow according to the framing: the rest of a
 * Content-Length, or of the current chunk.  A caller that reads no more than
 * this does not read past the body. */
uint64_t http1_body_left(const struct http1_body *body);

#endif
