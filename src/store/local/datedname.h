/*
 * store/local/datedname.h: the name that keep-both gives to a file whose own
 * name is taken.
 */
#ifndef STORE_LOCAL_DATEDNAME_H
#define STORE_LOCAL_DATEDNAME_H

#include <stddef.h>
#include <stdint.h>

#include <openbits/guid.h>

/* The dated name of keep-both, try 0 to 2. */
void local_dated_name(const char *name, const struct bits_guid *id, int64_t now,
                      unsigned try, char *ret_name, size_t size);

#endif
