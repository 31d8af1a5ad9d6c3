/*
 * server/stream.h: the bytes of a connection, whatever carries them.
 *
 * The seam for TLS: a connection knows streams only.  One thread at a time.
 */
#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include <stddef.h>
#include <sys/types.h>

#include "os/pipe.h"

struct stream;

struct stream_ops {
    /* These return the bytes moved, or a negative errno value; -EAGAIN: try
     * again when the descriptor is ready.  recv: 0 means that the peer sends
     * no more. */
    ssize_t (*recv)(struct stream *stream, void *data, size_t size);
    ssize_t (*send)(struct stream *stream, const void *data, size_t size);

    /* recv into an empty pipe.  NULL: the bytes must pass through memory. */
    ssize_t (*fill)(struct stream *stream, struct os_pipe *pipe, size_t size);

    /* Tells the peer that nothing more will be sent; it may still send. */
    void (*finish)(struct stream *stream);

    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_ops *ops;
    int fd; /* non-blocking; to wait for readiness */
};

/* A socket as it is; the stream owns it from now on. */
void stream_init_plain(struct stream *stream, int fd);

#endif
