/*
 * store/local/forbidden.h: the folders that no upload may enter: those of the
 * server itself, recognised by their identity and by their paths.
 */
#ifndef STORE_LOCAL_FORBIDDEN_H
#define STORE_LOCAL_FORBIDDEN_H

#include <sys/stat.h>

#include "store/local/private.h"

/* Forbids the open folder, once more if it is forbidden already.  Returns false
 * if there is no memory, or no such folder. */
bool local_forbid(struct local_store *store, const char *path, int fd);

/* Takes one local_forbid() back. */
void local_unforbid(struct local_store *store, int fd);

bool local_is_forbidden(struct local_store *store, const struct stat *info);

/* How much of the name leads to a forbidden folder, by the paths alone; 0: it
 * does not. */
size_t local_forbidden_len(struct store_place *place, const char *name);

#endif
