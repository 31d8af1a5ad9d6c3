/*
 * store/local/datedname.h: the name that keep-both gives to a file whose own
 * name is taken.
 */
#ifndef STORE_LOCAL_DATEDNAME_H
#define STORE_LOCAL_DATEDNAME_H

#include <stddef.h>
#include <stdint.h>

#include <openbits/guid.h>

/* What makes a name unique. */
struct dated_mark {
    const struct bits_guid *id; /* of the session */
    int64_t now;                /* seconds since 1970, UTC */
    unsigned try;               /* 0 to 2 */
};

/* The dated name of keep-both. */
void local_dated_name(const char *name, const struct dated_mark *mark,
                      char *ret_name, size_t size);

#endif
