/*
 * os/failure.h: from errno to the causes of the protocol; the only place
 * where that is decided.
 */
#ifndef OS_FAILURE_H
#define OS_FAILURE_H

#include <stddef.h>

#include "cause/cause.h"

/* The cause for an errno value, which is not 0. */
enum bits_cause os_cause(int error);

/* A line for the log that was asked for; detail may be NULL. */
struct os_detail {
    char *text;
    size_t size;
};

/* Writes "WHAT PATH/NAME: STRERROR; REMEDY", for what an administrator named.
 * Otherwise as os_fail(). */
enum bits_cause os_fail_with_remedy(struct os_detail detail, int error,
                                    const char *what, const char *path,
                                    const char *name);

/* Writes "WHAT PATH/NAME: STRERROR"; path and name may be NULL.  Returns the
 * cause of error. */
enum bits_cause os_fail(struct os_detail detail, int error, const char *what,
                        const char *path, const char *name);

#endif
