/*
 * store/local/trial.h: does the file system take a name?
 *
 * Some take only UTF-8, or not every character, or fewer bytes than others.  A
 * rename would find out once all bytes are here.  One name that has all of
 * this is tried at the start; only where that is refused is each name tried,
 * in a folder of the staging area, where no consumer of the root looks.
 */
#ifndef STORE_LOCAL_TRIAL_H
#define STORE_LOCAL_TRIAL_H

#include "store/local/private.h"

/* Must names be tried in this staging folder?  Removes what a kill has left of
 * a trial. */
bool trial_is_needed(int staging);

/* Tries the last segment of the name, and those of folders that are missing.
 * What cannot be tried passes.  Waits for a disk. */
enum bits_cause trial_of_name(struct store_place *place,
                              const struct local_rules *rules, const char *name,
                              struct fault *ret_fault);

/* The cause of an errno value that came from making or renaming something in
 * the place: EINVAL is about the name where names are tried. */
enum bits_cause trial_cause(const struct store_place *place, int error);

#endif
