/*
 * os/failure.h: from errno to the causes of the protocol; the only place
 * where that is decided.
 */
#ifndef OS_FAILURE_H
#define OS_FAILURE_H

#include "cause/cause.h"

/* The cause for an errno value, which is not 0. */
enum bits_cause os_cause(int error);

/* Writes "WHAT PATH/NAME: STRERROR; REMEDY", for what an administrator named.
 * Otherwise as os_fail(). */
enum bits_cause os_fail_with_remedy(struct fault *ret_fault, int error,
                                    const char *what, const char *path,
                                    const char *name);

/* Writes "WHAT PATH/NAME: STRERROR"; path and name may be NULL.  Returns the
 * cause of error. */
enum bits_cause os_fail(struct fault *ret_fault, int error, const char *what,
                        const char *path, const char *name);

#endif
