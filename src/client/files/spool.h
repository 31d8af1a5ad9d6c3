/*
 * client/files/spool.h: copies the input of a descriptor into a file, since the
 * length must be known before the first byte is sent.
 */
#ifndef CLIENT_FILES_SPOOL_H
#define CLIENT_FILES_SPOOL_H

#include <stdbool.h>

#include "base/fault.h"
#include "client/stop.h"

/* Copies everything into a new file NAME-XXXXXX, mode 0600, in the folder of
 * home.h for such files, else in $TMPDIR.  The caller frees the path and
 * removes the file.  Returns NULL on failure, without leaving a file: the fault
 * has the reason, or is empty if a stop was requested. */
char *spool_take(int fd, const char *name, const struct stop *stop,
                 struct fault *ret_fault);

#endif
