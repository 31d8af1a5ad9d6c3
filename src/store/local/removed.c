/*
 * store/local/removed.c: sessions of prefixes that the configuration no longer
 * has.  They keep their time-out: a section may have been removed by mistake.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/rows.h"
#include "store/local/rows_place.h"
#include "store/local/staging.h"
#include "store/local/work.h"

/* --- the list ------------------------------------------------------------ */

struct list {
    struct local_call call;
    struct store_listing *listing;
};

static enum bits_cause run_list(struct index_job *job,
                                struct database *database)
{
    struct list *list = CONTAINER_OF(job, struct list, call.row);
    struct place_row row = {.prefix = NULL};
    struct place_row last = {.prefix = NULL};
    uint64_t count;

    while (rows_next_place(database, last.prefix ? last.prefix : "", &row)) {
        count = rows_count(database, row.prefix, NULL);
        if (count > 0) {
            list->listing->prefix(list->listing, row.prefix, count);
        }
        place_row_done(&last);
        last = row;
    }
    place_row_done(&last);
    return BITS_CAUSE_OK;
}

enum store_when local_prefixes(struct store *store,
                               struct store_listing *listing,
                               struct store_op *op)
{
    struct list *list = malloc(sizeof(*list));

    if (!list) {
        return local_refuse(op);
    }
    *list = (struct list){
        .call = {.row = {.need = DATABASE_READ, .run = run_list},
                 .store = local_of(store),
                 .op = op},
        .listing = listing,
    };
    return local_call_row(&list->call);
}

/* --- expiry -------------------------------------------------------------- */

struct removal {
    struct local_call call;
    struct store_listing *listing;
    struct place_row place; /* the place of the removed sessions */
    size_t count;
    struct bits_guid ids[ROWS_OLD_MAX];
};

static void removal_end(struct removal *removal, enum bits_cause cause,
                        const char *detail)
{
    removal->call.op->stored = cause == BITS_CAUSE_OK ? removal->count : 0;
    place_row_done(&removal->place);
    local_call_end(&removal->call, cause, detail);
}

static enum bits_cause run_delete(struct index_job *job,
                                  struct database *database)
{
    struct removal *removal = CONTAINER_OF(job, struct removal, call.row);

    for (size_t i = 0; i < removal->count; i++) {
        rows_delete(database, &removal->ids[i]);
    }
    rows_delete_place(database, removal->place.prefix);
    return BITS_CAUSE_OK;
}

static void deleted(struct index_job *job)
{
    removal_end(CONTAINER_OF(job, struct removal, call.row), job->cause,
                job->detail);
}

/* Files that cannot be found now are swept as orphans when a place has their
 * folder again. */
static void remove_files(struct worker_job *job)
{
    struct removal *removal = CONTAINER_OF(job, struct removal, call.work);
    int folder =
        local_open_left(removal->place.staging, removal->place.staging_id);
    char name[LOCAL_STAGED_NAME_SIZE];

    for (size_t i = 0; folder >= 0 && i < removal->count; i++) {
        local_staged_name(&removal->ids[i], name);
        (void)unlinkat(folder, name, 0);
    }
    if (folder >= 0) {
        (void)close(folder);
    }
    removal->call.row = (struct index_job){
        .need = DATABASE_WRITE, .run = run_delete, .done = deleted};
    index_submit(removal->call.store->index, &removal->call.row);
}

/* Makes them ENDING, except those that a request still uses.  A reload may
 * bring the section back before the files are removed: a client that resumes
 * such a session gets SESSION_UNKNOWN. */
static void begin_endings(struct removal *removal, struct database *database)
{
    const struct store_ending ending = {.expiry = true};
    size_t count = 0;

    for (size_t i = 0; i < removal->count; i++) {
        if (!data_is_held(removal->call.store, &removal->ids[i]) &&
            rows_ending(database, &removal->ids[i], &ending)) {
            removal->ids[count++] = removal->ids[i];
        }
    }
    removal->count = count;
}

static void look_at(struct removal *removal, struct database *database,
                    struct place_row *row)
{
    struct local_rules rules = {.section.session_timeout =
                                    (uint64_t)row->session_timeout};
    int64_t since = local_age_now(removal->call.store) -
                    local_lifetime(&rules, ROW_WITH_BYTES);

    removal->count =
        rows_old_of_prefix(database, row->prefix, since, removal->ids);
    begin_endings(removal, database);
    if (removal->count > 0) {
        removal->place = *row;
        *row = (struct place_row){.prefix = NULL};
    } else {
        rows_delete_place(database, row->prefix);
    }
}

static enum bits_cause run_removal(struct index_job *job,
                                   struct database *database)
{
    struct removal *removal = CONTAINER_OF(job, struct removal, call.row);
    struct store_listing *listing = removal->listing;
    struct place_row row = {.prefix = NULL};
    char *last = NULL;

    while (removal->count == 0 &&
           rows_next_place(database, last ? last : "", &row)) {
        free(last);
        last = strdup(row.prefix);
        if (last && !listing->is_kept(listing, row.prefix)) {
            look_at(removal, database, &row);
        }
        place_row_done(&row);
        if (!last) {
            break;
        }
    }
    free(last);
    return BITS_CAUSE_OK;
}

static void found(struct index_job *job)
{
    struct removal *removal = CONTAINER_OF(job, struct removal, call.row);

    if (job->cause != BITS_CAUSE_OK || removal->count == 0) {
        removal_end(removal, job->cause, job->detail);
        return;
    }
    removal->call.work.run = remove_files;
    workers_submit(removal->call.store->workers, &removal->call.work);
}

enum store_when local_expire_removed(struct store *store,
                                     struct store_listing *listing,
                                     struct store_op *op)
{
    struct removal *removal = calloc(1, sizeof(*removal));

    op->stored = 0;
    if (!removal) {
        return local_refuse(op);
    }
    removal->call.row = (struct index_job){
        .need = DATABASE_WRITE, .run = run_removal, .done = found};
    removal->call.store = local_of(store);
    removal->call.op = op;
    removal->listing = listing;
    return local_call_row(&removal->call);
}
