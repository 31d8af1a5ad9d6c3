/*
 * store/local/claim.c: see claim.h.
 */
#include "store/local/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/local/rows_place.h"

struct claiming {
    struct index_job job;
    struct local_claim *claim; /* read into this, or */
    struct place_row_text row; /* written from this */
};

static int64_t timeout_of(const struct store_section *section)
{
    return section->session_timeout > INT64_MAX / 4
               ? INT64_MAX / 4
               : (int64_t)section->session_timeout;
}

static enum bits_cause run_read(struct index_job *job,
                                struct database *database)
{
    struct local_claim *claim = CONTAINER_OF(job, struct claiming, job)->claim;
    const struct store_section *section = claim->section;
    const struct local_section *own = claim->own;
    struct place_row row;

    claim->uploads = rows_count_with_bytes(database, section->prefix);
    if (rows_get_place(database, section->prefix, &row)) {
        claim->known = strcmp(row.root, own->root) == 0;
        claim->is_current = claim->known &&
                            strcmp(row.staging, own->temp_dir) == 0 &&
                            row.session_timeout == timeout_of(section);
        (void)snprintf(claim->staging_id, sizeof(claim->staging_id), "%s",
                       row.staging_id);
    }
    place_row_done(&row);
    return BITS_CAUSE_OK;
}

enum bits_cause claim_read(struct local_store *store,
                           const struct store_section *section,
                           struct local_claim *ret_claim,
                           struct fault *ret_fault)
{
    struct claiming reading = {
        .job = {.need = DATABASE_READ, .run = run_read},
        .claim = ret_claim,
    };

    *ret_claim = (struct local_claim){.section = section, .own = section->own};
    return index_run(store->index, &reading.job, ret_fault);
}

static enum bits_cause run_write(struct index_job *job,
                                 struct database *database)
{
    rows_set_place(database, &CONTAINER_OF(job, struct claiming, job)->row);
    return BITS_CAUSE_OK;
}

enum bits_cause claim_write(struct local_store *store,
                            const struct local_claim *claim,
                            const char *staging_id, struct fault *ret_fault)
{
    const struct store_section *section = claim->section;
    const struct local_section *own = claim->own;
    struct claiming writing = {
        .job = {.need = DATABASE_DURABLE, .run = run_write},
        .row = {.prefix = section->prefix,
                .root = own->root,
                .staging = own->temp_dir,
                .staging_id = staging_id,
                .session_timeout = timeout_of(section)},
    };

    if (claim->is_current && strcmp(claim->staging_id, staging_id) == 0) {
        return BITS_CAUSE_OK; /* a commit fails on a full disk: skip it */
    }
    return index_run(store->index, &writing.job, ret_fault);
}

/* Returns true if the staging folder is below the root: then its identity
 * proves that the root is the same. */
static bool is_below_root(const struct local_section *own)
{
    size_t len = strlen(own->root);

    return strncmp(own->temp_dir, own->root, len) == 0 &&
           own->temp_dir[len] == '/';
}

enum bits_cause claim_check(const struct local_claim *claim,
                            const char *staging_id, struct fault *ret_fault)
{
    const struct store_section *section = claim->section;
    const struct local_section *own = claim->own;
    bool is_same = staging_id && (!claim->staging_id[0] ||
                                  strcmp(claim->staging_id, staging_id) == 0);

    if (claim->uploads > 0 && !is_same) {
        return cause_fault(
            ret_fault, CAUSE_PLACE_AWAY,
            "%.120s is not the staging folder of the %" PRIu64
            " unfinished upload%s to %.60s; is the disk mounted? "
            "\"bitsd --forget-uploads %.60s\" gives them up",
            own->temp_dir, claim->uploads, claim->uploads == 1 ? "" : "s",
            section->prefix, section->prefix);
    }
    if (claim->other_root && !(is_same && is_below_root(claim->own))) {
        return cause_fault(
            ret_fault, CAUSE_PLACE_AWAY,
            "%.160s was replaced by another folder or mount; put "
            "the old one back, or reload bitsd to use the new one",
            own->root);
    }
    return BITS_CAUSE_OK;
}
