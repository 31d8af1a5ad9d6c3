/*
 * store/local/claim.h: which folders hold the sessions of an upload section.
 *
 * For each prefix the index keeps the paths of its folders and the id of its
 * staging folder, stored in a file in that folder.  Sessions with bytes accept
 * no other staging folder: in an empty mount point, on another disk or in a new
 * folder their bytes would count as lost, and an interrupted delivery would
 * count as complete.
 */
#ifndef STORE_LOCAL_CLAIM_H
#define STORE_LOCAL_CLAIM_H

#include "store/local/private.h"

struct local_claim {
    const struct store_section *section;
    const struct local_section *own;
    uint64_t uploads; /* sessions whose bytes are in the staging folder */
    bool known;       /* the prefix had this root before */
    bool is_current;  /* the index already contains all of this */
    bool other_root;  /* its path led to another folder while bitsd was
                         running */
    char staging_id[LOCAL_STAGING_ID_SIZE]; /* empty: unknown */
};

/* Reads the claim from the index.  Blocks. */
enum bits_cause claim_read(struct local_store *store,
                           const struct store_section *section,
                           struct local_claim *ret_claim,
                           struct fault *ret_fault);

/* Records that the sessions of the prefix are now in this staging folder;
 * durable when it returns.  Blocks. */
enum bits_cause claim_write(struct local_store *store,
                            const struct local_claim *claim,
                            const char *staging_id, struct fault *ret_fault);

/* Returns PLACE_AWAY unless the sessions may be in this staging folder.
 * staging_id is empty if it has none yet, NULL if it lacks the id of the
 * index. */
enum bits_cause claim_check(const struct local_claim *claim,
                            const char *staging_id, struct fault *ret_fault);

#endif
