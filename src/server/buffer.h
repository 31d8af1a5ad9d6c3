/*
 * server/buffer.h: a buffer of a connection, which takes no memory while it is
 * empty.
 */
#ifndef SERVER_BUFFER_H
#define SERVER_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

/* Starts as {0}. */
struct buffer {
    char *data;
    size_t size;
    size_t capacity;
};

void buffer_done(struct buffer *buffer);

/* These return false if there is no memory; nothing has changed then. */
bool buffer_grow(struct buffer *buffer, size_t capacity);
bool buffer_append(struct buffer *buffer, const void *data, size_t size);

/* Drops bytes from the front. */
void buffer_skip(struct buffer *buffer, size_t size);

/* Keeps the rest, and nothing else.  The rest may lie in the buffer itself. */
bool buffer_keep(struct buffer *buffer, struct bits_text rest);

#endif
