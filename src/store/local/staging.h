/*
 * store/local/staging.h: the folder of unfinished files, and its data files by
 * name.
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

/* Probes the file system, unless that was done.  What cannot be probed now is
 * probed at the next visit. */
enum bits_cause local_staging_probe(struct local_store *store,
                                    struct local_staging *staging,
                                    struct fault *ret_fault);

/* The path of a session's data file below the staging folder. */
void local_staged_name(const struct bits_guid *id,
                       char name[LOCAL_STAGED_NAME_SIZE]);

/* The same for errors, with a star in the place of the digits that only the
 * owner of the session may know. */
void local_show_staged_name(const struct bits_guid *id,
                            char name[LOCAL_STAGED_NAME_SIZE]);

/* Finds out whether the data file exists under its name.  An open descriptor
 * does not tell: it follows the file to its destination.  Returns 0, or an
 * errno value if that is not known; *ret_staged is true then. */
int local_is_staged(struct store_place *place, const struct bits_guid *id,
                    bool *ret_staged);

/* Reads the id from a data file's name below its folder. */
bool local_parse_staged(const char *name, struct bits_guid *ret_id);

/* Opens a data file, or with O_DIRECTORY its folder.  Creates the folder again
 * if it was removed from outside.  Returns -1 with errno on failure. */
int local_open_staged(struct local_staging *staging, const struct bits_guid *id,
                      int flags);

/* Call after local_open_staged(): makes folders durable that were created
 * again.  Returns 0 or an errno value. */
int local_sync_made(struct local_staging *staging);

/* Opens a staging folder that no place uses.  Returns -1 if it does not have
 * this id. */
int local_open_left(const char *path, const char *staging_id);

#endif
