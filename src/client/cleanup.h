/*
 * client/cleanup.h: free functions for CLEANUP() and types of other libraries.
 */
#ifndef CLIENT_CLEANUP_H
#define CLIENT_CLEANUP_H

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
