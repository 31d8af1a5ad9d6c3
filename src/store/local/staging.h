/*
 * store/local/staging.h: the folder where files wait until they are whole, and
 * the data files in it by name.
 */
#ifndef STORE_LOCAL_STAGING_H
#define STORE_LOCAL_STAGING_H

#include "store/local/private.h"

struct local_claim;

/* Opens and locks, or shares, the staging folder of the claim. */
enum bits_cause local_staging_open(struct local_store *store,
                                   const struct local_claim *claim, int root,
                                   struct local_staging **ret_staging,
                                   struct fault *ret_fault);
void local_staging_close(struct local_store *store,
                         struct local_staging *staging);

/* Tries the file system, unless that was done.  What cannot be tried now is
 * tried at the next visit. */
enum bits_cause local_staging_probe(struct local_store *store,
                                    struct local_staging *staging,
                                    struct fault *ret_fault);

/* Where a session's data file is, below the staging folder. */
void local_staged_name(const struct bits_guid *id,
                       char name[LOCAL_STAGED_NAME_SIZE]);

/* Is the data file there by its name?  An open descriptor says nothing: it
 * follows the file to its destination.  0, or an errno value if that is not
 * known; *ret_staged is true then. */
int local_is_staged(struct store_place *place, const struct bits_guid *id,
                    bool *ret_staged);

/* Reads the id from a data file's name below its folder. */
bool local_parse_staged(const char *name, struct bits_guid *ret_id);

/* Opens a data file, or with O_DIRECTORY the folder that it is in, which is
 * made again if somebody has removed it.  -1 and errno. */
int local_open_staged(struct local_staging *staging, const struct bits_guid *id,
                      int flags);

/* After it: makes folders durable that were made again.  0 or an errno value.
 */
int local_sync_made(struct local_staging *staging);

/* Opens a staging folder that no place uses, if it has this id.  -1: it does
 * not. */
int local_open_left(const char *path, const char *staging_id);

#endif
