/*
 * server/bytes.c: see bytes.h.
 */
#include "server/bytes.h"

#include <stdlib.h>
#include <string.h>

/* Less is not worth a call. */
#define SHRINK_LEAST 4096

void bytes_done(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){NULL, 0, 0};
}

bool bytes_grow(struct bytes *bytes, size_t capacity)
{
    char *data;

    if (capacity <= bytes->capacity) {
        return true;
    }
    data = realloc(bytes->data, capacity);
    if (!data) {
        return false;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

bool bytes_append(struct bytes *bytes, const void *data, size_t size)
{
    if (!bytes_grow(bytes, bytes->size + size)) {
        return false;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return true;
}

/* Gives back most of what a long head took. */
static void shrink(struct bytes *bytes)
{
    char *data;

    if (bytes->capacity < 2 * bytes->size + SHRINK_LEAST) {
        return;
    }
    data = realloc(bytes->data, bytes->size);
    if (data) {
        bytes->data = data;
        bytes->capacity = bytes->size;
    }
}

void bytes_skip(struct bytes *bytes, size_t size)
{
    if (size == bytes->size) {
        bytes_done(bytes);
        return;
    }
    bytes->size -= size;
    memmove(bytes->data, bytes->data + size, bytes->size);
}

bool bytes_keep(struct bytes *bytes, struct bits_text rest)
{
    if (rest.len == 0) {
        bytes_done(bytes);
        return true;
    }
    if (bytes->size > 0) {
        memmove(bytes->data, rest.ptr, rest.len);
        bytes->size = rest.len;
        shrink(bytes);
        return true;
    }
    return bytes_append(bytes, rest.ptr, rest.len);
}
