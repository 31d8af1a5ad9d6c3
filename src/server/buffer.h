/*
 * server/buffer.h: a buffer of a connection that allocates nothing while it is
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

/* These return false, and change nothing, if memory ran out. */
bool buffer_grow(struct buffer *buffer, size_t capacity);
bool buffer_append(struct buffer *buffer, const void *data, size_t size);

/* Removes bytes from the front. */
void buffer_skip(struct buffer *buffer, size_t size);

/* Replaces the content by the rest, which may lie in the buffer itself. */
bool buffer_keep(struct buffer *buffer, struct bits_text rest);

#endif
