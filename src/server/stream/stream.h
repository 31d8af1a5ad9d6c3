/*
 * server/stream/stream.h: the bytes of a connection, independent of their
 * transport.
 *
 * A connection uses its socket only through a stream, so that another kind of
 * stream may encrypt, frame or buffer bytes.  One thread at a time uses a
 * stream, and one call is pending at a time: while a send waits, nothing is
 * received.
 */
#ifndef SERVER_STREAM_STREAM_H
#define SERVER_STREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <openbits/text.h>

#include "os/pipe.h"

struct stream;
struct x509_st;

/* What a stream knows about its peer after the handshake.  Texts live as long
 * as the stream. */
struct stream_facts {
    struct bits_text scheme;      /* "https": the scheme of URLs that lead
                                     here */
    struct bits_text server_name; /* requested by the client; empty: none */
    const struct x509_st *certificate; /* of the client, as libcrypto has it,
                                          verified; NULL: none */
    struct bits_text end_point; /* what a client may bind a sign-in to, as in
                                   RFC 5929 4; empty: none */
};

/* Returns a negative errno value on failure.  After -EAGAIN stream->wants has
 * the events of the descriptor to wait for before making the same call
 * again.  After -EPROTO explain() has the reason. */
struct stream_ops {
    /* Call until it returns 0, before any other call except close.  NULL: the
     * stream needs no handshake.  -EPROTOTYPE: the peer sent plain HTTP; the
     * stream is a plain one from then on, so that the peer can read a
     * refusal. */
    int (*handshake)(struct stream *stream);

    /* Both return the number of bytes moved. recv returns 0 at the end of the
     * peer's data. */
    ssize_t (*recv)(struct stream *stream, void *data, size_t size);
    ssize_t (*send)(struct stream *stream, const void *data, size_t size);

    /* Like recv, into an empty pipe. -EINVAL: this stream cannot fill a pipe;
     * use recv.  NULL: no stream of this kind can. */
    ssize_t (*fill)(struct stream *stream, struct os_pipe *pipe, size_t size);

    /* Returns true if the stream holds bytes that it has already read from the
     * descriptor. recv returns those first.  NULL: it never does. */
    bool (*has_pending)(const struct stream *stream);

    /* Tells the peer that the server sends no more; the peer may still send.
     * Call until it returns 0. */
    int (*finish)(struct stream *stream);

    void (*describe)(const struct stream *stream,
                     struct stream_facts *ret_facts);

    /* Returns why a call failed with -EPROTO, as a sentence without a full
     * stop.  NULL: no call of this kind does. */
    const char *(*explain)(const struct stream *stream);

    /* Closes the descriptor, even if a call is pending. */
    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_ops *ops;
    int fd;      /* non-blocking; to wait for events */
    int wants;   /* of enum uv_poll_event; see above */
    void *state; /* private to the kind of stream */
};

/* Makes the streams of a listener. */
struct stream_kind {
    const char *scheme; /* "http": the scheme of URLs that lead here */
    void *context;      /* private to the kind of stream */

    /* Returns 0, and the stream owns the socket; or a positive errno value, and
     * the caller keeps the socket. */
    int (*open)(const struct stream_kind *kind, int fd,
                struct stream *ret_stream);
};

/* Plain sockets: no handshake, no pending bytes. */
extern const struct stream_kind stream_plain;

#endif
