/*
 * server/buffer.c: see buffer.h.
 */
#include "server/buffer.h"

#include <stdlib.h>
#include <string.h>

/* Smaller buffers are not worth a realloc(). */
#define SHRINK_LEAST 4096

void buffer_done(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){NULL, 0, 0};
}

bool buffer_grow(struct buffer *buffer, size_t capacity)
{
    char *data;

    if (capacity <= buffer->capacity) {
        return true;
    }
    data = realloc(buffer->data, capacity);
    if (!data) {
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (!buffer_grow(buffer, buffer->size + size)) {
        return false;
    }
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    return true;
}

/* Frees most of the memory that a long head used. */
static void shrink(struct buffer *buffer)
{
    char *data;

    if (buffer->capacity < 2 * buffer->size + SHRINK_LEAST) {
        return;
    }
    data = realloc(buffer->data, buffer->size);
    if (data) {
        buffer->data = data;
        buffer->capacity = buffer->size;
    }
}

void buffer_skip(struct buffer *buffer, size_t size)
{
    if (size == buffer->size) {
        buffer_done(buffer);
        return;
    }
    buffer->size -= size;
    memmove(buffer->data, buffer->data + size, buffer->size);
}

bool buffer_keep(struct buffer *buffer, struct bits_text rest)
{
    if (rest.len == 0) {
        buffer_done(buffer);
        return true;
    }
    if (buffer->size > 0) {
        memmove(buffer->data, rest.ptr, rest.len);
        buffer->size = rest.len;
        shrink(buffer);
        return true;
    }
    return buffer_append(buffer, rest.ptr, rest.len);
}
