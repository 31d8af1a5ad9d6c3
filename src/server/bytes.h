/*
 * server/bytes.h: a buffer of a connection, which takes no memory while it is
 * empty.
 */
#ifndef SERVER_BYTES_H
#define SERVER_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

/* Starts as {0}. */
struct bytes {
    char *data;
    size_t size;
    size_t capacity;
};

void bytes_done(struct bytes *bytes);

/* These return false if there is no memory; nothing has changed then. */
bool bytes_grow(struct bytes *bytes, size_t capacity);
bool bytes_append(struct bytes *bytes, const void *data, size_t size);

/* Drops bytes from the front. */
void bytes_skip(struct bytes *bytes, size_t size);

/* Keeps the rest, and nothing else.  The rest may lie in the buffer itself. */
bool bytes_keep(struct bytes *bytes, struct bits_text rest);

#endif
