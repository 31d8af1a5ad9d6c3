/*
 * client/http/secret.h: files that only their owner may read.
 */
#ifndef CLIENT_HTTP_SECRET_H
#define CLIENT_HTTP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

/* The whole file, terminated; the caller gives it to secret_free().  NULL: the
 * fault says why and what to do; *ret_missing: it is not there, or not for
 * us. */
char *secret_read_file(const char *path, bool *ret_missing,
                       struct fault *ret_fault);

/* Its first line. */
char *secret_read_line(const char *path, struct fault *ret_fault);

/* Overwrites it first; NULL is fine.  Returns NULL. */
char *secret_free(char *secret);

#endif
