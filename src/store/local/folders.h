/*
 * store/local/folders.h: opens and creates the folder of a destination.
 */
#ifndef STORE_LOCAL_FOLDERS_H
#define STORE_LOCAL_FOLDERS_H

#include "store/local/names.h"
#include "store/local/private.h"

/* Opens the folder that a file of this name was moved to.  Returns -1 on
 * failure. */
int local_open_old_folder(struct store_place *place,
                          const struct local_rules *rules, const char *name);

/* Opens the folder of a name for reading, and creates it if the rules allow
 * that.  A file can be moved to it from the staging folder. */
enum bits_cause local_open_folder(struct store_place *place,
                                  const struct local_rules *rules,
                                  const struct names_wanted *wanted,
                                  int *ret_fd, struct fault *ret_fault);

#endif
