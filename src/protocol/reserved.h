/*
 * protocol/reserved.h: checks the room that public structs reserve for the
 * members of later versions.  Pure; any thread.
 */
#ifndef PROTOCOL_RESERVED_H
#define PROTOCOL_RESERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns false if the program did not zero the struct, or set a member that is
 * newer than this library. */
static inline bool reserved_is_zero(const uint64_t *reserved, size_t count)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < count; i++) {
        bits |= reserved[i];
    }
    return bits == 0;
}

#define RESERVED_IS_ZERO(of)                                                   \
    reserved_is_zero((of)->reserved,                                           \
                     sizeof((of)->reserved) / sizeof((of)->reserved[0]))

#endif
