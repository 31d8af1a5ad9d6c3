/*
 * os/pipe.c: see pipe.h.
 */
#include "os/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os/file.h"

int os_pipe_open(struct os_pipe *pipe, size_t size)
{
    int fds[2];
    int capacity;

    *pipe = (struct os_pipe){.read_fd = -1, .write_fd = -1};
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
        return errno;
    }
    /* Fails above a limit of the system; the default size works, too. */
    (void)fcntl(fds[1], F_SETPIPE_SZ, (int)size);
    capacity = fcntl(fds[1], F_GETPIPE_SZ);
    *pipe = (struct os_pipe){.read_fd = fds[0],
                             .write_fd = fds[1],
                             .capacity = capacity > 0 ? (size_t)capacity : 1};
    return 0;
}

void os_pipe_close(struct os_pipe *pipe)
{
    if (pipe->read_fd >= 0) {
        (void)close(pipe->read_fd);
        (void)close(pipe->write_fd);
    }
    pipe->read_fd = -1;
    pipe->write_fd = -1;
}

ssize_t os_pipe_fill(struct os_pipe *pipe, int socket, size_t size)
{
    ssize_t n;

    if (size > pipe->capacity) {
        size = pipe->capacity;
    }
    do {
        n = splice(socket, NULL, pipe->write_fd, NULL, size,
                   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    pipe->held += (size_t)n;
    return n;
}

static int take(struct os_pipe *pipe, char *data, size_t size)
{
    ssize_t n;

    while (size > 0) {
        n = read(pipe->read_fd, data, size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        pipe->held -= (size_t)n;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static int drop(struct os_pipe *pipe, size_t size)
{
    char scratch[4096];
    int error = 0;

    while (!error && size > 0) {
        size_t some = size < sizeof(scratch) ? size : sizeof(scratch);

        error = take(pipe, scratch, some);
        size -= some;
    }
    return error;
}

int os_bytes_skip(struct os_bytes *bytes, size_t size)
{
    if (size > bytes->size) {
        size = bytes->size;
    }
    bytes->size -= size;
    if (!bytes->data) {
        return drop(bytes->pipe, size);
    }
    bytes->data += size;
    return 0;
}

int os_bytes_take(const struct os_bytes *bytes, void *ret_data)
{
    if (!bytes->data) {
        return take(bytes->pipe, ret_data, bytes->size);
    }
    memcpy(ret_data, bytes->data, bytes->size);
    return 0;
}

/* Copies through memory, for file systems that cannot splice.  Moves some
 * bytes; those that were read have left the pipe even if writing them
 * failed. */
static int copy_some(struct os_pipe *pipe, int fd, uint64_t offset, size_t size,
                     size_t *ret_written)
{
    char buffer[16384];
    ssize_t n;

    *ret_written = 0;
    n = read(pipe->read_fd, buffer,
             size < sizeof(buffer) ? size : sizeof(buffer));
    if (n <= 0) {
        return n < 0 ? errno : EIO;
    }
    pipe->held -= (size_t)n;
    return os_write_at(fd, buffer, (size_t)n, offset, ret_written);
}

static int splice_some(struct os_pipe *pipe, int fd, uint64_t offset,
                       size_t size, size_t *ret_written)
{
    off_t at = (off_t)offset;
    ssize_t n;

    do {
        n = splice(pipe->read_fd, NULL, fd, &at, size, SPLICE_F_MOVE);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EINVAL) {
        return copy_some(pipe, fd, offset, size, ret_written);
    }
    *ret_written = n > 0 ? (size_t)n : 0;
    pipe->held -= *ret_written;
    if (n > 0) {
        return 0;
    }
    return n < 0 ? errno : ENOSPC;
}

int os_bytes_write_at(struct os_bytes *bytes, int fd, uint64_t offset,
                      size_t *ret_written)
{
    size_t written;
    int error = 0;

    if (bytes->data) {
        return os_write_at(fd, bytes->data, bytes->size, offset, ret_written);
    }
    *ret_written = 0;
    while (!error && *ret_written < bytes->size) {
        error = splice_some(bytes->pipe, fd, offset + *ret_written,
                            bytes->size - *ret_written, &written);
        *ret_written += written;
    }
    return error;
}
