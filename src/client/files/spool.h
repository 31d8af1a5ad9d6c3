/*
 * client/files/spool.h: what comes on a descriptor, kept in a file, since the
 * length must be known before the first byte is sent.
 */
#ifndef CLIENT_FILES_SPOOL_H
#define CLIENT_FILES_SPOOL_H

#include <stdbool.h>

#include "base/fault.h"
#include "client/stop.h"

/* Copies everything into a new file NAME-XXXXXX, mode 0600, in the folder of
 * home.h for such files, else in $TMPDIR.  The caller frees the path and
 * removes the file.  NULL: the fault says why, or is empty if a stop was
 * asked; no file is left. */
char *spool_take(int fd, const char *name, const struct stop *stop,
                 struct fault *ret_fault);

#endif
