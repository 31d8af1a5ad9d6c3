/*
 * client/http/secret.h: files that only their owner may read.
 */
#ifndef CLIENT_HTTP_SECRET_H
#define CLIENT_HTTP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_FAULT_MAX 384

/* The whole file, terminated; the caller gives it to secret_free().  NULL: the
 * fault says why and what to do; *ret_missing: it is not there, or not for
 * us. */
char *secret_read_file(const char *path, bool *ret_missing,
                       char ret_fault[SECRET_FAULT_MAX]);

/* Its first line. */
char *secret_read_line(const char *path, char ret_fault[SECRET_FAULT_MAX]);

/* Overwrites it first; NULL is fine.  Returns NULL. */
char *secret_free(char *secret);

#endif
