/*
 * store/local/space.h: checks that the rest of a file fits on the disk.
 *
 * Running fragments register a promise: the space that they will take next, so
 * that a new fragment does not count on the same space.  A promise is at most
 * LOCAL_RESERVE bytes, at most the rest of the file, and 0 while the fragment
 * stalls.
 */
#ifndef STORE_LOCAL_SPACE_H
#define STORE_LOCAL_SPACE_H

#include "store/local/private.h"

/* The most bytes that are preallocated at a time. */
#define LOCAL_RESERVE ((uint64_t)64 * 1024 * 1024)

/* BITS_CAUSE_OK, or WILL_NOT_FIT with the numbers in the fault. */
enum bits_cause space_check(struct store_place *place, uint64_t rest,
                            struct fault *ret_fault);

/* The same while bytes arrive; must leave min_free_space. */
enum bits_cause space_check_growth(struct store_place *place, uint64_t more,
                                   struct fault *ret_fault);

/* Returns true if the disk of the folder has less free space than the limit.
 * Then the fault has the numbers, with the path and the name of the limit's
 * option. */
bool space_is_short(int folder, const struct option_space *limit,
                    const char *path, const char *option,
                    struct fault *ret_fault);

/* Replaces a promise by a new one. */
void space_promise(struct local_volume *volume, uint64_t *promise,
                   uint64_t bytes);

#endif
