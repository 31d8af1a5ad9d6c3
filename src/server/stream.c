/*
 * server/stream.c: plain sockets.
 */
#include "server/stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t plain_recv(struct stream *stream, void *data, size_t size)
{
    ssize_t n;

    do {
        n = recv(stream->fd, data, size, 0);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static ssize_t plain_send(struct stream *stream, const void *data, size_t size)
{
    ssize_t n;

    do {
        n = send(stream->fd, data, size, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static ssize_t plain_fill(struct stream *stream, struct os_pipe *pipe,
                          size_t size)
{
    return os_pipe_fill(pipe, stream->fd, size);
}

static void plain_finish(struct stream *stream)
{
    (void)shutdown(stream->fd, SHUT_WR);
}

static void plain_close(struct stream *stream)
{
    (void)close(stream->fd);
    stream->fd = -1;
}

void stream_init_plain(struct stream *stream, int fd)
{
    static const struct stream_ops ops = {
        .recv = plain_recv,
        .send = plain_send,
        .fill = plain_fill,
        .finish = plain_finish,
        .close = plain_close,
    };

    stream->ops = &ops;
    stream->fd = fd;
}
