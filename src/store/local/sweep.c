/*
 * store/local/sweep.c: finds expired sessions, and files without a row.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/markers.h"
#include "store/local/quota_rows.h"
#include "store/local/rows.h"
#include "store/local/rules.h"
#include "store/local/staging.h"
#include "store/local/work.h"

#define MARKER_SECONDS ((int64_t)24 * 60 * 60)

/* --- sessions ------------------------------------------------------------ */

struct expiry {
    struct local_call call;
    struct local_rules rules;
    struct store_page *page; /* the caller's */
};

static void collect(struct expiry *expiry, struct database *database,
                    enum row_bytes bytes)
{
    struct local_store *store = expiry->call.place->store;
    int64_t since =
        local_age_now(store) - local_lifetime(&expiry->rules, bytes);

    rows_expired(database, expiry->call.place->prefix, bytes, since,
                 expiry->page);
}

static enum bits_cause run_expiry(struct index_job *job,
                                  struct database *database)
{
    struct expiry *expiry = CONTAINER_OF(job, struct expiry, call.row);
    struct local_store *store = expiry->call.place->store;

    local_age_record(store, database);
    markers_forget(database, local_age_now(store) - MARKER_SECONDS);
    local_quota_forget(database, local_now(store));
    expiry->page->count = 0;
    collect(expiry, database, ROW_WITHOUT_BYTES);
    collect(expiry, database, ROW_WITH_BYTES);
    return BITS_CAUSE_OK;
}

static void expiry_done(struct index_job *job)
{
    struct expiry *expiry = CONTAINER_OF(job, struct expiry, call.row);

    if (job->cause != BITS_CAUSE_OK) {
        rows_empty_page(expiry->page);
    }
    local_call_end(&expiry->call, job->cause, job->detail);
}

enum store_when local_expired(struct store_place *place,
                              struct store_page *page, struct store_op *op)
{
    struct expiry *expiry = malloc(sizeof(*expiry));

    page->count = 0;
    if (!expiry) {
        return local_refuse(op);
    }
    *expiry = (struct expiry){
        .call = {.row = {.need = DATABASE_WRITE,
                         .run = run_expiry,
                         .done = expiry_done},
                 .store = place->store,
                 .place = place,
                 .op = op},
        .rules = local_rules_of(place),
        .page = page,
    };
    return local_call_row(&expiry->call);
}

/* --- files --------------------------------------------------------------- */

/* Files considered in one step; the others wait for the next round. */
#define SWEEP_MAX 1024

struct sweep {
    struct local_call call;
    unsigned folder;
    int fd;
    size_t count;
    struct bits_guid ids[SWEEP_MAX];
};

static void sweep_end(struct sweep *sweep, enum bits_cause cause,
                      const char *detail)
{
    if (sweep->fd >= 0) {
        (void)close(sweep->fd);
    }
    local_call_end(&sweep->call, cause, detail);
}

/* The name within the sub-folder. */
static const char *file_name(const struct bits_guid *id,
                             char name[LOCAL_STAGED_NAME_SIZE])
{
    local_staged_name(id, name);
    return strchr(name, '/') + 1;
}

static bool is_old(struct sweep *sweep, const char *name)
{
    struct local_rules rules = local_rules_of(sweep->call.place);
    struct stat info;

    return fstatat(sweep->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           local_now(sweep->call.place->store) - info.st_mtime >=
               local_lifetime(&rules, ROW_WITH_BYTES);
}

static void remove_orphans(struct worker_job *job)
{
    struct sweep *sweep = CONTAINER_OF(job, struct sweep, call.work);
    char name[LOCAL_STAGED_NAME_SIZE];
    struct fault fault;

    for (size_t i = 0; i < sweep->count; i++) {
        if (!data_is_held(sweep->call.place->store, &sweep->ids[i]) &&
            unlinkat(sweep->fd, file_name(&sweep->ids[i], name), 0) != 0 &&
            errno != ENOENT) {
            int error = errno;

            local_show_staged_name(&sweep->ids[i], name);
            sweep_end(sweep,
                      os_fail(&fault, error, "cannot remove",
                              sweep->call.place->staging->path, name),
                      fault.text);
            return;
        }
    }
    sweep_end(sweep, BITS_CAUSE_OK, NULL);
}

/* Keeps the ids that have no row. */
static enum bits_cause run_filter(struct index_job *job,
                                  struct database *database)
{
    struct sweep *sweep = CONTAINER_OF(job, struct sweep, call.row);
    size_t count = 0;

    for (size_t i = 0; i < sweep->count; i++) {
        if (!rows_exist(database, &sweep->ids[i])) {
            sweep->ids[count++] = sweep->ids[i];
        }
    }
    sweep->count = count;
    return BITS_CAUSE_OK;
}

static void filter_done(struct index_job *job)
{
    struct sweep *sweep = CONTAINER_OF(job, struct sweep, call.row);

    if (job->cause != BITS_CAUSE_OK || sweep->count == 0) {
        sweep_end(sweep, job->cause, job->detail);
        return;
    }
    sweep->call.work.run = remove_orphans;
    workers_submit(sweep->call.place->store->workers, &sweep->call.work);
}

static void list_old(struct sweep *sweep, DIR *stream)
{
    struct dirent *entry;

    while (sweep->count < SWEEP_MAX && (entry = readdir(stream))) {
        if (local_parse_staged(entry->d_name, &sweep->ids[sweep->count]) &&
            is_old(sweep, entry->d_name)) {
            sweep->count++;
        }
    }
}

static void look(struct worker_job *job)
{
    struct sweep *sweep = CONTAINER_OF(job, struct sweep, call.work);
    char name[4];
    struct fault fault;
    DIR *stream = NULL;

    (void)snprintf(name, sizeof(name), "%02x", sweep->folder);
    sweep->fd = openat(sweep->call.place->staging->fd, name,
                       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sweep->fd < 0 && errno == ENOENT) {
        sweep_end(sweep, BITS_CAUSE_OK,
                  NULL); /* a cleaner may have removed the empty folder */
        return;
    }
    if (sweep->fd >= 0) {
        stream = fdopendir(fcntl(sweep->fd, F_DUPFD_CLOEXEC, 0));
    }
    if (!stream) {
        sweep_end(sweep,
                  os_fail(&fault, errno, "cannot read the folder",
                          sweep->call.place->staging->path, name),
                  fault.text);
        return;
    }
    list_old(sweep, stream);
    (void)closedir(stream);
    if (sweep->count == 0) {
        sweep_end(sweep, BITS_CAUSE_OK, NULL);
        return;
    }
    sweep->call.row = (struct index_job){
        .need = DATABASE_READ, .run = run_filter, .done = filter_done};
    index_submit(sweep->call.place->store->index, &sweep->call.row);
}

/* Each step handles one folder. */
enum store_when local_sweep(struct store_place *place, struct store_op *op)
{
    struct sweep *sweep = malloc(sizeof(*sweep));

    if (!sweep) {
        return local_refuse(op);
    }
    sweep->call = (struct local_call){
        .work = {.run = look}, .store = place->store, .place = place, .op = op};
    sweep->folder = atomic_fetch_add(&place->swept, 1) % LOCAL_STAGING_FOLDERS;
    sweep->fd = -1;
    sweep->count = 0;
    return local_call_work(&sweep->call);
}
