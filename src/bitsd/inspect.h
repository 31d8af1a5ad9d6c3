/*
 * bitsd/inspect.h: the folders and addresses that a configuration names, for
 * --test-config.
 */
#ifndef BITSD_INSPECT_H
#define BITSD_INSPECT_H

#include "config/config.h"

struct inspection {
    struct string_list errors; /* start with {0} */
    struct string_list warnings;
    struct string_list notes; /* nothing is wrong */
};

/* Looks at folders and addresses, at the folders as the user that will run: for
 * root that is the owner of state_dir.  Moves an empty file from each staging
 * folder to its root, removes it, and changes nothing else.  What is wrong is
 * in the lists, one line each with its place.  Call it in a process with one
 * thread.  The user stays changed. */
void inspect(const struct config *config, struct inspection *ret_inspection);

#endif
