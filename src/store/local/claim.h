/*
 * store/local/claim.h: which folders an upload section's sessions are in.
 *
 * The index keeps for each prefix the paths of its folders and the id of its
 * staging folder, which a file in that folder holds.  Sessions with bytes
 * accept no other staging folder.  In an empty mount point, on another disk or
 * in a folder that was made anew their bytes would count as lost, and a
 * delivery that was cut off would count as complete.
 */
#ifndef STORE_LOCAL_CLAIM_H
#define STORE_LOCAL_CLAIM_H

#include "store/local/private.h"

struct local_claim {
    const struct store_section *section;
    const struct local_section *own;
    uint64_t uploads; /* sessions whose bytes are in the staging folder */
    bool known;       /* the prefix had this root before */
    bool is_current;  /* the index says all of this already */
    bool other_root;  /* its path led to another folder while bitsd ran */
    char staging_id[LOCAL_STAGING_ID_SIZE]; /* empty: not known */
};

/* Reads what the index says.  Blocks. */
enum bits_cause claim_read(struct local_store *store,
                           const struct store_section *section,
                           struct local_claim *ret_claim,
                           struct fault *ret_fault);

/* Notes that the sessions of the prefix are in this staging folder now.
 * Durable when it returns.  Blocks. */
enum bits_cause claim_write(struct local_store *store,
                            const struct local_claim *claim,
                            const char *staging_id, struct fault *ret_fault);

/* May the sessions be in this staging folder?  Else PLACE_AWAY.  staging_id is
 * empty if it has none yet, NULL if it does not carry the id of the index. */
enum bits_cause claim_check(const struct local_claim *claim,
                            const char *staging_id, struct fault *ret_fault);

#endif
