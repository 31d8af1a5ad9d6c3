/*
 * server/stream/stream.h: the bytes of a connection, whatever carries them.
 *
 * A connection knows sockets only through a stream, so that another kind of
 * stream may encrypt, frame or hold back bytes.  One thread at a time uses a
 * stream, and one call is under way at a time: while a send waits, nothing is
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

/* What a stream knows of its peer once the handshake is over.  Texts live as
 * long as the stream. */
struct stream_facts {
    struct bits_text scheme;      /* "http": of URLs that lead here */
    struct bits_text server_name; /* that the client asked for; empty: none */
    struct bits_text certificate; /* of the client, DER; empty: none */
};

/* A call that fails returns a negative errno value.  After -EAGAIN
 * stream->wants says which events of the descriptor to wait for before the
 * same call is made again. */
struct stream_ops {
    /* Call until it returns 0, before any other call but close.  NULL: the
     * stream needs no handshake. */
    int (*handshake)(struct stream *stream);

    /* Return the number of bytes moved.  recv returns 0 if the peer sends no
     * more. */
    ssize_t (*recv)(struct stream *stream, void *data, size_t size);
    ssize_t (*send)(struct stream *stream, const void *data, size_t size);

    /* Like recv, into an empty pipe.  -EINVAL: this stream cannot; use recv.
     * NULL: no stream of this kind can. */
    ssize_t (*fill)(struct stream *stream, struct os_pipe *pipe, size_t size);

    /* Does the stream hold bytes for recv that it has read from the descriptor
     * already?  recv returns those before it reads the descriptor again.
     * NULL: it never does. */
    bool (*has_pending)(const struct stream *stream);

    /* Tells the peer that the server sends nothing more; the peer may still
     * send.  Call until it returns 0. */
    int (*finish)(struct stream *stream);

    void (*describe)(const struct stream *stream,
                     struct stream_facts *ret_facts);

    /* Closes the descriptor, whatever call is under way. */
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
    /* Returns 0, and the stream owns the socket, or a positive errno value,
     * and the caller keeps the socket. */
    int (*open)(const struct stream_kind *kind, int fd,
                struct stream *ret_stream);
};

/* Sockets as they are.  Neither handshake nor pending bytes. */
extern const struct stream_kind stream_plain;

#endif
