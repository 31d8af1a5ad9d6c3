/*
 * client/memory.h: what CLEANUP() calls for things of other libraries.
 */
#ifndef CLIENT_MEMORY_H
#define CLIENT_MEMORY_H

#include <stdlib.h>
#include <unistd.h>

static inline void free_string(char **string)
{
    free(*string);
}

static inline void close_file(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

#endif
