/*
 * store/local/forbidden.h: folders of this server that no upload may enter,
 * recognized by identity and path.
 */
#ifndef STORE_LOCAL_FORBIDDEN_H
#define STORE_LOCAL_FORBIDDEN_H

#include <sys/stat.h>

#include "store/local/private.h"

/* Forbids the open folder; counts repeated calls.  Returns false if memory ran
 * out or the folder does not exist. */
bool local_forbid(struct local_store *store, const char *path, int fd);

/* Undoes one local_forbid(). */
void local_unforbid(struct local_store *store, int fd);

bool local_is_forbidden(struct local_store *store, const struct stat *info);

/* How much of the name leads to a forbidden folder, judged by the paths alone;
 * 0: it does not. */
size_t local_forbidden_len(struct store_place *place, const char *name);

#endif
