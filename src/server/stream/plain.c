/*
 * server/stream/plain.c: plain sockets.
 */
#include "server/stream/stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/text.h"

static ssize_t plain_recv(struct stream *stream, void *data, size_t size)
{
    ssize_t n;

    do {
        n = recv(stream->fd, data, size, 0);
    } while (n < 0 && errno == EINTR);
    stream->wants = UV_READABLE;
    return n < 0 ? -errno : n;
}

static ssize_t plain_send(struct stream *stream, const void *data, size_t size)
{
    ssize_t n;

    do {
        n = send(stream->fd, data, size, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    stream->wants = UV_WRITABLE;
    return n < 0 ? -errno : n;
}

static ssize_t plain_fill(struct stream *stream, struct os_pipe *pipe,
                          size_t size)
{
    stream->wants = UV_READABLE;
    return os_pipe_fill(pipe, stream->fd, size);
}

/* A peer that has already gone is not an error. */
static int plain_finish(struct stream *stream)
{
    (void)shutdown(stream->fd, SHUT_WR);
    return 0;
}

static void plain_describe(const struct stream *stream,
                           struct stream_facts *ret_facts)
{
    (void)stream;
    *ret_facts = (struct stream_facts){.scheme = text_of(stream_plain.scheme)};
}

static void plain_close(struct stream *stream)
{
    (void)close(stream->fd);
    stream->fd = -1;
}

static int plain_open(const struct stream_kind *kind, int fd,
                      struct stream *ret_stream)
{
    static const struct stream_ops ops = {
        .recv = plain_recv,
        .send = plain_send,
        .fill = plain_fill,
        .finish = plain_finish,
        .describe = plain_describe,
        .close = plain_close,
    };

    (void)kind;
    *ret_stream = (struct stream){.ops = &ops, .fd = fd};
    return 0;
}

const struct stream_kind stream_plain = {
    .scheme = "http",
    .open = plain_open,
};
