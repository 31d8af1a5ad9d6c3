/*
 * store/local/space.h: does the rest of a file fit on the disk?
 *
 * Running fragments promise themselves what they will take next, so that a new
 * one does not count on the same space: at most LOCAL_RESERVE bytes each, at
 * most as much as the file has, and nothing while they stall.
 */
#ifndef STORE_LOCAL_SPACE_H
#define STORE_LOCAL_SPACE_H

#include "store/local/private.h"

/* At most so many bytes are preallocated at a time. */
#define LOCAL_RESERVE ((uint64_t)64 * 1024 * 1024)

/* BITS_CAUSE_OK, or WILL_NOT_FIT with the numbers in the fault. */
enum bits_cause space_check(struct store_place *place, uint64_t rest,
                            struct fault *ret_fault);

/* The same while bytes arrive, where min_free_space is to be left. */
enum bits_cause space_check_growth(struct store_place *place, uint64_t more,
                                   struct fault *ret_fault);

/* Has the disk of the folder less free than the limit wants?  Then the fault
 * has the numbers, with the path and the name of the limit's option. */
bool space_is_short(int folder, const struct option_space *limit,
                    const char *path, const char *option,
                    struct fault *ret_fault);

/* Replaces a promise by another one. */
void space_promise(struct local_volume *volume, uint64_t *promise,
                   uint64_t bytes);

#endif
