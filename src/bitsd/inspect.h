/*
 * bitsd/inspect.h: the folders that a configuration names, for --test-config.
 */
#ifndef BITSD_INSPECT_H
#define BITSD_INSPECT_H

#include "config/config.h"

struct inspection {
    struct string_list errors; /* start with {0} */
    struct string_list warnings;
};

/* Looks at the folders without changing anything, as the user that will run:
 * for root that is the owner of state_dir.  What is wrong is in the lists, one
 * line each with its place.  Call it in a process with one thread.  The user
 * stays changed. */
void inspect(const struct config *config, struct inspection *ret_inspection);

#endif
