/*
 * os/pipe.h: bytes on their way from a socket to a file, in memory or in a
 * pipe.
 *
 * In a pipe they stay in the kernel, which saves one of two copies.  Functions
 * return 0 or a positive errno value unless they say otherwise.
 */
#ifndef OS_PIPE_H
#define OS_PIPE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct os_pipe {
    int read_fd;
    int write_fd;
    size_t capacity; /* bytes; a socket may fill it with fewer */
    size_t held;     /* bytes in it */
};

/* Opens a pipe of up to size bytes, as far as the system allows. */
int os_pipe_open(struct os_pipe *pipe, size_t size);

/* Also accepts a pipe that could not be opened. */
void os_pipe_close(struct os_pipe *pipe);

/* Fills an empty pipe from a non-blocking socket.  Returns the bytes moved, 0
 * at the end of the stream, or a negative errno value. */
ssize_t os_pipe_fill(struct os_pipe *pipe, int socket, size_t size);

/* Some bytes, in order: those at data; if data is NULL, the next ones of the
 * pipe. */
struct os_bytes {
    const char *data;
    struct os_pipe *pipe;
    size_t size;
};

/* Removes bytes from the front, at most all of them. */
int os_bytes_skip(struct os_bytes *bytes, size_t size);

/* Copies all of them to memory. */
int os_bytes_take(const struct os_bytes *bytes, void *ret_data);

/* Writes all of them at offset. *ret_written is the number of bytes written,
 * also after a failure. */
int os_bytes_write_at(struct os_bytes *bytes, int fd, uint64_t offset,
                      size_t *ret_written);

#endif
