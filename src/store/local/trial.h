/*
 * store/local/trial.h: checks that the file system accepts a name.
 *
 * Some accept only UTF-8, or not every character, or fewer bytes than others; a
 * rename would fail after all bytes were uploaded.  At the start one name that
 * has all of this is tried.  Only if that is refused, each name is tried, in a
 * folder of the staging area that consumers of the root do not see.
 */
#ifndef STORE_LOCAL_TRIAL_H
#define STORE_LOCAL_TRIAL_H

#include "store/local/private.h"

/* Returns true if names must be tried in this staging folder.  Removes what an
 * earlier process left of a trial. */
bool trial_is_needed(int staging);

/* Tries the last segment of the name, and those of missing folders.  A name
 * that cannot be tried is accepted.  Blocks on a disk. */
enum bits_cause trial_of_name(struct store_place *place,
                              const struct local_rules *rules, const char *name,
                              struct fault *ret_fault);

/* The cause of an errno value from creating or renaming a file in the place.
 * EINVAL is about the name where names are tried. */
enum bits_cause trial_cause(const struct store_place *place, int error);

#endif
