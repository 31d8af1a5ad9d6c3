/*
 * store/datedname.h: the name that keep-both gives to a file whose own name is
 * taken.
 */
#ifndef STORE_DATEDNAME_H
#define STORE_DATEDNAME_H

#include <stddef.h>
#include <stdint.h>

#include <openbits/guid.h>

/* How many dated names are tried. */
#define STORE_DATED_NAMES 3

/* The parts that make a name unique. */
struct store_mark {
    const struct bits_guid *id; /* of the session */
    int64_t now;                /* seconds since 1970, UTC */
    unsigned try;               /* 0 to STORE_DATED_NAMES - 1 */
};

/* Writes the dated name of keep-both.  Needs at most strlen(name) +
 * BITS_SEGMENT_MAX + 1 bytes. */
void store_dated_name(const char *name, const struct store_mark *mark,
                      char *ret_name, size_t size);

#endif
