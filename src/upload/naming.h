/*
 * upload/naming.h: which names a section takes, and the destination of a file:
 * the name below the root that it is delivered under.
 *
 * Pure, except naming_of(), which reads the clock; any thread.
 */
#ifndef UPLOAD_NAMING_H
#define UPLOAD_NAMING_H

#include <stdint.h>

#include <openbits/guid.h>

#include "cause/cause.h"
#include "config/config.h"
#include "upload/upload.h"

/* What is wrong with a name, in words; may be empty. */
#define NAMING_FAULT_MAX 64

/* A name, and what store_as may add to it.  Borrowed. */
struct naming {
    const struct config_upload *section;
    const char *name;           /* as bits_target_name() wrote it */
    struct bits_text user;      /* {user}; empty: anonymous */
    struct bits_text peer;      /* {peer}, with or without a port */
    const struct bits_guid *id; /* {handle}; NULL: not known */
    int64_t now;                /* {date}: seconds since 1970 */
};

/* Of a request and its time.  id may be NULL. */
struct naming naming_of(const struct upload_request *request, const char *name,
                        const struct bits_guid *id);

/* Finds the destination of a name, and checks both by the rules of the section.
 * BITS_CAUSE_OK: *ret_destination comes from malloc().  Otherwise ret_fault is
 * set. */
enum bits_cause naming_find(const struct naming *naming, char **ret_destination,
                            char ret_fault[NAMING_FAULT_MAX]);

/* How many folders of a destination are those of store_as: the first ones. */
uint64_t naming_own_folders(const struct config_upload *section);

#endif
