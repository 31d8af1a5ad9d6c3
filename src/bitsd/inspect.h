/*
 * bitsd/inspect.h: checks the folders and addresses of a configuration, for
 * --test-config.
 */
#ifndef BITSD_INSPECT_H
#define BITSD_INSPECT_H

#include "config/config.h"

struct inspection {
    struct string_list errors; /* start with {0} */
    struct string_list warnings;
    struct string_list notes; /* facts that are not problems */
};

/* Checks addresses, and folders as the user that will run bitsd: if started by
 * root, the owner of state_dir.  Moves an empty file from each staging folder
 * to its root, removes it, and changes nothing else.  Lists findings, one line
 * each with its place.  Call it in a process with one thread, because it
 * changes the user of the process permanently. */
void inspect(const struct config *config, struct inspection *ret_inspection);

#endif
