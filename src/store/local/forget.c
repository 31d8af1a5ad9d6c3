/*
 * store/local/forget.c: an administrator gives up the uploads of a prefix.
 *
 * Their remaining data files are swept as orphans when a place has their
 * folder.
 */
#include <stdio.h>
#include <string.h>

#include "store/local/private.h"
#include "store/local/rows_place.h"

struct forgetting {
    struct index_job job;
    const char *prefix;
    uint64_t count;
    bool found;
    char others[128]; /* the prefixes that the index knows */
};

static void note_other(struct forgetting *forgetting, const char *prefix)
{
    size_t len = strlen(forgetting->others);

    (void)snprintf(forgetting->others + len, sizeof(forgetting->others) - len,
                   "%s%s", len ? ", " : "", prefix);
}

static void list_others(struct forgetting *forgetting,
                        struct database *database)
{
    struct place_row row = {.prefix = NULL};
    struct place_row last = {.prefix = NULL};

    while (rows_next_place(database, last.prefix ? last.prefix : "", &row)) {
        note_other(forgetting, row.prefix);
        place_row_done(&last);
        last = row;
    }
    place_row_done(&last);
}

static enum bits_cause run_forget(struct index_job *job,
                                  struct database *database)
{
    struct forgetting *forgetting = CONTAINER_OF(job, struct forgetting, job);
    struct place_row row;

    forgetting->found = rows_get_place(database, forgetting->prefix, &row);
    place_row_done(&row);
    if (!forgetting->found) {
        list_others(forgetting, database);
        return BITS_CAUSE_OK;
    }
    forgetting->count = rows_forget_prefix(database, forgetting->prefix);
    return BITS_CAUSE_OK;
}

bool store_local_forget(struct store *base, const char *prefix,
                        uint64_t *ret_count, struct fault *ret_fault)
{
    struct local_store *store = local_of(base);
    struct forgetting forgetting = {
        .job = {.need = DATABASE_DURABLE, .run = run_forget},
        .prefix = prefix,
    };

    if (index_run(store->index, &forgetting.job, ret_fault) != BITS_CAUSE_OK) {
        return false;
    }
    if (!forgetting.found) {
        return fault_set(
            ret_fault,
            "the index in %.120s knows no prefix %.60s; it has: %.100s",
            store->state_path, prefix,
            forgetting.others[0] ? forgetting.others : "none");
    }
    *ret_count = forgetting.count;
    return true;
}
