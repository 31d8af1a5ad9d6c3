/*
 * os/random.c: see random.h.
 */
#include "os/random.h"

#include <errno.h>
#include <sys/random.h>

bool os_random(void *bytes, size_t size)
{
    char *at = bytes;
    ssize_t n;

    while (size > 0) {
        n = getrandom(at, size, 0);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            at += n;
            size -= (size_t)n;
        }
    }
    return true;
}
