/*
 * os/failure.h: maps errno to causes; the only place that does.
 */
#ifndef OS_FAILURE_H
#define OS_FAILURE_H

#include "cause/cause.h"

/* The cause of an errno value other than 0. */
enum bits_cause os_cause(int error);

/* Writes "WHAT PATH/NAME: STRERROR; REMEDY", for a path that an administrator
 * configured.  Otherwise like os_fail(). */
enum bits_cause os_fail_with_remedy(struct fault *ret_fault, int error,
                                    const char *what, const char *path,
                                    const char *name);

/* Writes "WHAT PATH/NAME: STRERROR"; path and name may be NULL.  Returns the
 * cause of error. */
enum bits_cause os_fail(struct fault *ret_fault, int error, const char *what,
                        const char *path, const char *name);

#endif
