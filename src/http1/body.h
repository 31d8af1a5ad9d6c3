/*
 * http1/body.h: where the bytes of a request's body are and where it ends
 * [RFC 9112 6, 7.1].
 *
 * A body is fed the bytes that came and points at the next run of content in
 * them; nothing is copied.  Pure; no allocation; one thread at a time.
 */
#ifndef HTTP1_BODY_H
#define HTTP1_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/packet.h>
#include <openbits/text.h>

/* The longest line of a chunk's head or of one trailer field, and all of a
 * body's trailers together, in bytes; line ends count. */
#define HTTP1_CHUNK_LINE_MAX 4096
#define HTTP1_TRAILERS_MAX 16384

enum http1_body_state {
    HTTP1_BODY_CONTENT, /* more content may come */
    HTTP1_BODY_END,     /* the body is complete; what follows is the next
                           request */
    HTTP1_BODY_BROKEN,  /* chunked coding that is none: close the connection */
};

/* Where a chunked body stands; private to the reader.  In the order in which
 * a body passes them; CONTENT_LF goes back to SIZE_START. */
enum http1_chunk_state {
    HTTP1_CHUNK_SIZE_START, /* the first digit of a size must follow */
    HTTP1_CHUNK_SIZE,
    HTTP1_CHUNK_EXTENSION,
    HTTP1_CHUNK_SIZE_LF,
    HTTP1_CHUNK_CONTENT,
    HTTP1_CHUNK_CONTENT_CR,
    HTTP1_CHUNK_CONTENT_LF,
    HTTP1_CHUNK_TRAILER_START, /* behind the last chunk or a trailer */
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
    uint64_t left; /* bytes of the body, or of the running chunk */
    enum http1_chunk_state chunk_state;
    size_t line;     /* bytes of the running chunk or trailer line */
    size_t trailers; /* bytes of all trailers */
};

void http1_body_init(struct http1_body *body, enum bits_framing framing,
                     uint64_t content_length);

/* Takes input from the start of *input and moves it forward: after the call
 * *ret_content is the next run of content (possibly empty), which lies in the
 * bytes taken.  Call again until *input is empty or the state is not CONTENT.
 * A body of length 0 is at its END at once, and takes nothing. */
enum http1_body_state http1_body_take(struct http1_body *body,
                                      struct bits_text *input,
                                      struct bits_text *ret_content);

/* The same for content that went another way: size bytes, at most those left
 * of a body with Content-Length. */
enum http1_body_state http1_body_pass(struct http1_body *body, size_t size);

/* Bytes of content that are certain to come, as far as the framing tells:
 * the rest of a Content-Length, the rest of the running chunk.  For reading
 * no further than the body reaches. */
uint64_t http1_body_left(const struct http1_body *body);

#endif
