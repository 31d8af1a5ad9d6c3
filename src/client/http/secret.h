/*
 * client/http/secret.h: files that only their owner can read.
 */
#ifndef CLIENT_HTTP_SECRET_H
#define CLIENT_HTTP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

/* Returns the whole file, terminated; free it with secret_free().  Returns NULL
 * with reason and remedy in the fault on failure; *ret_missing: the file does
 * not exist or is not readable for us. */
char *secret_read_file(const char *path, bool *ret_missing,
                       struct fault *ret_fault);

/* Returns its first line. */
char *secret_read_line(const char *path, struct fault *ret_fault);

/* Overwrites it first; accepts NULL.  Returns NULL. */
char *secret_free(char *secret);

#endif
