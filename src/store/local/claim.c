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
    struct local_claim *claim;
    struct place_row row; /* borrowed strings */
};

static int64_t timeout_of(const struct config_upload *config)
{
    return config->session_timeout > INT64_MAX / 4
               ? INT64_MAX / 4
               : (int64_t)config->session_timeout;
}

static enum bits_cause run_read(struct index_job *job,
                                struct database *database)
{
    struct local_claim *claim = CONTAINER_OF(job, struct claiming, job)->claim;
    const struct config_upload *config = claim->config;
    struct place_row row;

    claim->uploads = rows_count_with_bytes(database, config->prefix);
    if (rows_get_place(database, config->prefix, &row)) {
        claim->known = strcmp(row.root, config->root) == 0;
        claim->is_current = claim->known &&
                            strcmp(row.staging, config->temp_dir) == 0 &&
                            row.session_timeout == timeout_of(config);
        (void)snprintf(claim->staging_id, sizeof(claim->staging_id), "%s",
                       row.staging_id);
    }
    place_row_done(&row);
    return BITS_CAUSE_OK;
}

enum bits_cause claim_read(struct local_store *store,
                           const struct config_upload *config,
                           struct local_claim *ret_claim,
                           char detail[STORE_DETAIL_MAX])
{
    struct claiming reading = {
        .job = {.need = DATABASE_READ, .run = run_read},
        .claim = ret_claim,
    };

    *ret_claim = (struct local_claim){.config = config};
    return index_run(store->index, &reading.job, detail);
}

static enum bits_cause run_write(struct index_job *job,
                                 struct database *database)
{
    rows_set_place(database, &CONTAINER_OF(job, struct claiming, job)->row);
    return BITS_CAUSE_OK;
}

enum bits_cause claim_write(struct local_store *store,
                            const struct local_claim *claim,
                            const char *staging_id,
                            char detail[STORE_DETAIL_MAX])
{
    const struct config_upload *config = claim->config;
    char id[LOCAL_STAGING_ID_SIZE];
    struct claiming writing = {
        .job = {.need = DATABASE_DURABLE, .run = run_write},
        .row = {.prefix = config->prefix,
                .root = config->root,
                .staging = config->temp_dir,
                .staging_id = id,
                .session_timeout = timeout_of(config)},
    };

    if (claim->is_current && strcmp(claim->staging_id, staging_id) == 0) {
        return BITS_CAUSE_OK; /* a disk that is full takes no commit */
    }
    (void)snprintf(id, sizeof(id), "%s", staging_id);
    return index_run(store->index, &writing.job, detail);
}

/* Is the staging folder a sign that the root is the same? */
static bool is_below_root(const struct config_upload *config)
{
    size_t len = strlen(config->root);

    return strncmp(config->temp_dir, config->root, len) == 0 &&
           config->temp_dir[len] == '/';
}

enum bits_cause claim_check(const struct local_claim *claim, bool is_ours,
                            const char *staging_id,
                            char detail[STORE_DETAIL_MAX])
{
    const struct config_upload *config = claim->config;
    bool is_same = is_ours && (!claim->staging_id[0] ||
                               strcmp(claim->staging_id, staging_id) == 0);

    if (claim->uploads > 0 && !is_same) {
        (void)snprintf(detail, STORE_DETAIL_MAX,
                       "%.120s is not the staging folder of the %" PRIu64
                       " unfinished upload%s to %.60s; is the disk mounted? "
                       "\"bitsd --forget-uploads %.60s\" gives them up",
                       config->temp_dir, claim->uploads,
                       claim->uploads == 1 ? "" : "s", config->prefix,
                       config->prefix);
        return BITS_CAUSE_PLACE_AWAY;
    }
    if (claim->other_root && !(is_same && is_below_root(config))) {
        (void)snprintf(detail, STORE_DETAIL_MAX,
                       "%.160s was replaced by another folder or mount; put "
                       "the old one back, or reload bitsd to use the new one",
                       config->root);
        return BITS_CAUSE_PLACE_AWAY;
    }
    return BITS_CAUSE_OK;
}
