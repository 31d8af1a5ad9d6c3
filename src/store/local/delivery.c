/*
 * store/local/delivery.c: finish(), the move of a whole file to its
 * destination.
 *
 * Order is everything here:
 *
 *   1  fsync of the staging folder, then a durable commit of DELIVERING; and
 *      meanwhile fdatasync of the file
 *   2  the rename
 *   3  fsync of the target folder and of the staging folder, together
 *   4  the answer
 *   5  DONE, with whatever is committed next
 *
 * After a crash a row that is DELIVERING and has no staged file was moved:
 * the destination need not be looked at, which somebody may have emptied.
 * That conclusion needs the staged file's folder entry to be durable before
 * the row is, hence the order within step 1; a file that was synced in the
 * background has its entry already.  A row that is DELIVERING and has a staged
 * file was not moved, and the bytes that `synced` does not vouch for are
 * measured as after any crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "store/local/data.h"
#include "store/local/rows.h"

/* Tries of keep-both after the plain name. */
#define DATED_NAMES 3

struct delivery {
    struct store_place *place;
    struct store_session *session; /* the caller's, until op is done */
    struct store_op *op;
    struct config_upload rules;
    struct bits_guid id;
    uint64_t total;
    struct local_data *data;
    int64_t epoch; /* of the bytes that are delivered */
    bool durable;
    bool overwrite;
    unsigned dated; /* dated names tried so far */
    char *name;     /* the one that is tried now */
    int target;     /* its folder */
    int staging;    /* the folder of the staged file */

    struct worker_job work;
    struct index_job row;
    struct folder_sync target_sync;
    struct folder_sync staging_sync;
    struct data_waiter waiter;
    _Atomic unsigned pending; /* parts of the present step under way */
    _Atomic int sync_error;   /* errno of fdatasync */
    _Atomic int folder_error; /* errno of an fsync of a folder */
    enum bits_cause row_cause;

    enum store_state outcome;
    uint64_t stored; /* what the caller is told */
    enum bits_cause cause;
    char detail[STORE_DETAIL_MAX];
};

static void note(struct delivery *delivery, enum bits_cause cause, int error,
                 const char *what, const char *path, const char *name)
{
    (void)os_fail(
        (struct os_detail){delivery->detail, sizeof(delivery->detail)}, error,
        what, path, name);
    delivery->cause = cause;
}

static void next_step(struct delivery *delivery,
                      void (*step)(struct worker_job *job))
{
    delivery->work.run = step;
    workers_submit(delivery->place->store->workers, &delivery->work);
}

/* --- the end of it ------------------------------------------------------- */

static void delivery_free(struct delivery *delivery)
{
    struct store_place *place = delivery->place;

    if (delivery->target >= 0) {
        (void)close(delivery->target);
    }
    if (delivery->staging >= 0) {
        (void)close(delivery->staging);
    }
    if (delivery->data) {
        data_put(delivery->data);
    }
    free(delivery->name);
    free(delivery);
    local_leave(place->store, place);
}

/* Gives the session its new state and tells the caller. */
static void answer(struct delivery *delivery)
{
    struct store_session *session = delivery->session;

    session->state = delivery->outcome;
    delivery->op->stored = delivery->stored;
    local_complete(delivery->op, delivery->cause, delivery->detail);
}

/* A delivery that failed early has committed nothing yet.  Its caller still
 * waits, so the session is there. */
static void learn(const struct delivery *delivery, struct database *database)
{
    const struct store_session *session = delivery->session;

    (void)rows_learn(database, &delivery->id, session->fragment_seen,
                     session->total_known ? &session->total : NULL);
}

static enum bits_cause run_outcome(struct index_job *job,
                                   struct database *database)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);
    bool done = delivery->outcome == STORE_DONE;

    if (!done) {
        learn(delivery, database);
    }
    return rows_outcome(database, &delivery->id, delivery->outcome,
                        done ? delivery->name : "")
               ? BITS_OK
               : BITS_SESSION_UNKNOWN;
}

static void outcome_done(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    if (job->cause != BITS_OK && job->cause != BITS_SESSION_UNKNOWN) {
        local_trouble(delivery->place->store, job->cause, job->detail);
    }
    delivery_free(delivery);
}

/* The caller hears of a failure once the row says RETRY or RECEIVING. */
static void failure_done(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    if (job->cause == BITS_SESSION_UNKNOWN) {
        delivery->cause = job->cause;
    }
    answer(delivery);
    outcome_done(job);
}

static void commit_outcome(struct delivery *delivery, enum database_need need,
                           void (*done)(struct index_job *job))
{
    delivery->row =
        (struct index_job){.need = need, .run = run_outcome, .done = done};
    index_submit(delivery->place->store->index, &delivery->row);
}

static enum database_need need_of(const struct delivery *delivery)
{
    return delivery->durable ? DATABASE_DURABLE : DATABASE_WRITE;
}

static void fail(struct delivery *delivery, enum store_state outcome,
                 uint64_t stored)
{
    delivery->outcome = outcome;
    delivery->stored = stored;
    commit_outcome(delivery, need_of(delivery), failure_done);
}

static void retry_later(struct delivery *delivery)
{
    fail(delivery, STORE_RETRY, delivery->total);
}

/* The answer goes out before the row says DONE: whoever asks later is behind
 * that in the index's queue, and after a crash DELIVERING without a staged
 * file means the same. */
static void succeed(struct delivery *delivery)
{
    struct store_session *session = delivery->session;
    char *name = strdup(delivery->name);
    struct store_op *op = delivery->op;

    if (name) {
        free(session->delivered_as);
        session->delivered_as = name;
    }
    session->state = STORE_DONE;
    delivery->outcome = STORE_DONE;
    op->stored = delivery->total;
    commit_outcome(delivery, DATABASE_WRITE, outcome_done);
    local_complete(op, BITS_OK, NULL);
}

/* --- step 3 -------------------------------------------------------------- */

static void folders_synced(struct delivery *delivery)
{
    int error = delivery->folder_error;

    if (error) {
        /* It was moved, but nobody knows whether that lasts: the next packet
         * comes here again. */
        note(delivery, BITS_IO_ERROR, error,
             "delivered, but cannot fsync the "
             "folder of",
             delivery->place->root_path, delivery->name);
        delivery->outcome = STORE_DELIVERING;
        delivery->stored = delivery->total;
        answer(delivery);
        delivery_free(delivery);
        return;
    }
    succeed(delivery);
}

static void folder_done(struct delivery *delivery, int error)
{
    if (error) {
        delivery->folder_error = error;
    }
    if (atomic_fetch_sub(&delivery->pending, 1) == 1) {
        folders_synced(delivery);
    }
}

static void target_done(struct folder_sync *sync, int error)
{
    folder_done(CONTAINER_OF(sync, struct delivery, target_sync), error);
}

static void staging_done(struct folder_sync *sync, int error)
{
    folder_done(CONTAINER_OF(sync, struct delivery, staging_sync), error);
}

static void sync_folders(struct delivery *delivery)
{
    struct folder_syncs *syncs = delivery->place->store->folder_syncs;

    if (!delivery->durable) {
        succeed(delivery);
        return;
    }
    delivery->pending = delivery->target >= 0 ? 2 : 1;
    delivery->folder_error = 0;
    delivery->staging_sync =
        (struct folder_sync){.fd = delivery->staging, .done = staging_done};
    delivery->target_sync =
        (struct folder_sync){.fd = delivery->target, .done = target_done};
    if (delivery->target >= 0) {
        folder_syncs_request(syncs, &delivery->target_sync);
    }
    folder_syncs_request(syncs, &delivery->staging_sync);
}

/* --- step 2 -------------------------------------------------------------- */

static void commit_delivering(struct delivery *delivery,
                              void (*done)(struct index_job *job));
static void step_rename(struct worker_job *job);

static void dated_name_committed(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    if (job->cause != BITS_OK) {
        delivery->cause = job->cause;
        (void)snprintf(delivery->detail, sizeof(delivery->detail), "%s",
                       job->detail);
        retry_later(delivery);
        return;
    }
    next_step(delivery, step_rename);
}

static void try_dated_name(struct delivery *delivery)
{
    size_t size = strlen(delivery->session->name) + BITS_SEGMENT_MAX + 1;
    char *name;

    if (delivery->dated == DATED_NAMES) {
        note(delivery, BITS_NO_FREE_NAME, EEXIST, "cannot deliver",
             delivery->place->root_path, delivery->name);
        retry_later(delivery);
        return;
    }
    name = malloc(size);
    if (!name) {
        note(delivery, BITS_OVERLOADED, ENOMEM, "cannot deliver",
             delivery->place->root_path, delivery->name);
        retry_later(delivery);
        return;
    }
    local_dated_name(delivery->session->name, &delivery->id,
                     local_now(delivery->place->store), delivery->dated, name,
                     size);
    delivery->dated++;
    free(delivery->name);
    delivery->name = name;
    commit_delivering(delivery, dated_name_committed);
}

static void rename_failed(struct delivery *delivery, int error)
{
    struct stat info;
    enum bits_cause cause = os_cause(error);

    if (error == EEXIST &&
        fstatat(delivery->target, local_leaf(delivery->name), &info,
                AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(info.st_mode)) {
        cause = BITS_TARGET_IS_FOLDER;
    } else if (error == ENOENT &&
               !local_is_staged(delivery->place, &delivery->id)) {
        cause = BITS_STAGED_FILE_MISSING;
    } else if (error == EEXIST &&
               delivery->rules.on_exists == CONFIG_EXISTS_KEEP_BOTH) {
        try_dated_name(delivery);
        return;
    }
    note(delivery, cause, error, "cannot deliver", delivery->place->root_path,
         delivery->name);
    retry_later(delivery);
}

static void step_rename(struct worker_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, work);
    char staged[LOCAL_STAGED_NAME_SIZE];

    local_staged_name(&delivery->id, staged);
    if (renameat2(delivery->staging, strchr(staged, '/') + 1, delivery->target,
                  local_leaf(delivery->name),
                  delivery->overwrite ? 0 : RENAME_NOREPLACE) != 0) {
        rename_failed(delivery, errno);
        return;
    }
    sync_folders(delivery);
}

/* --- step 1 -------------------------------------------------------------- */

static void given_up(struct data_waiter *waiter)
{
    struct delivery *delivery = CONTAINER_OF(waiter, struct delivery, waiter);

    delivery->outcome = STORE_RECEIVING;
    delivery->stored = 0;
    delivery->session->epoch = data_epoch(delivery->data);
    delivery->session->synced = 0;
    answer(delivery);
    delivery_free(delivery);
}

static void step_made_durable(struct worker_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, work);
    char staged[LOCAL_STAGED_NAME_SIZE];
    int error = delivery->sync_error;

    local_staged_name(&delivery->id, staged);
    if (error) {
        note(delivery, BITS_IO_ERROR, error, "cannot fdatasync",
             delivery->place->staging->path, staged);
        delivery->waiter.done = given_up;
        data_give_up(delivery->data, delivery->detail, &delivery->waiter);
    } else if (delivery->folder_error) {
        note(delivery, BITS_IO_ERROR, delivery->folder_error,
             "cannot fsync the folder of", delivery->place->staging->path,
             staged);
        retry_later(delivery);
    } else if (delivery->row_cause != BITS_OK) {
        delivery->cause = delivery->row_cause;
        retry_later(delivery);
    } else {
        step_rename(job);
    }
}

static void part_done(struct delivery *delivery)
{
    if (atomic_fetch_sub(&delivery->pending, 1) == 1) {
        next_step(delivery, step_made_durable);
    }
}

static enum bits_cause run_delivering(struct index_job *job,
                                      struct database *database)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);
    struct store_session row = *delivery->session;

    row.delivered_as = delivery->name;
    row.epoch = delivery->epoch;
    return rows_delivering(database, &row, local_now(delivery->place->store))
               ? BITS_OK
               : BITS_SESSION_UNKNOWN;
}

static void commit_delivering(struct delivery *delivery,
                              void (*done)(struct index_job *job))
{
    delivery->row = (struct index_job){
        .need = need_of(delivery), .run = run_delivering, .done = done};
    index_submit(delivery->place->store->index, &delivery->row);
}

static void row_committed(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    delivery->row_cause = job->cause;
    if (job->cause != BITS_OK) {
        (void)snprintf(delivery->detail, sizeof(delivery->detail), "%s",
                       job->detail);
    }
    part_done(delivery);
}

static void entry_synced(struct folder_sync *sync, int error)
{
    struct delivery *delivery =
        CONTAINER_OF(sync, struct delivery, staging_sync);

    if (error) {
        delivery->folder_error = error;
        part_done(delivery);
        return;
    }
    commit_delivering(delivery, row_committed);
}

static void make_durable(struct delivery *delivery)
{
    struct local_data *data = delivery->data;
    bool known;

    uv_mutex_lock(&data->mutex);
    known = data->entry_synced;
    uv_mutex_unlock(&data->mutex);
    delivery->pending = 2;
    if (known || !delivery->durable) {
        commit_delivering(delivery, row_committed);
    } else {
        delivery->staging_sync =
            (struct folder_sync){.fd = delivery->staging, .done = entry_synced};
        folder_syncs_request(delivery->place->store->folder_syncs,
                             &delivery->staging_sync);
    }
    if (delivery->durable) {
        delivery->sync_error = data_sync_now(data);
    } else if (!data_is_usable(data, delivery->epoch)) {
        delivery->sync_error = EIO;
    }
    part_done(delivery);
}

/* --- before it ----------------------------------------------------------- */

/* The staged file is gone. */
static void deliver_missing(struct delivery *delivery)
{
    char staged[LOCAL_STAGED_NAME_SIZE];
    const char *name = delivery->session->delivered_as;

    if (delivery->session->state == STORE_DELIVERING && name[0]) {
        /* It was moved.  A folder that has vanished since needs no fsync. */
        free(delivery->name);
        delivery->name = strdup(name);
        if (!delivery->name ||
            local_open_folder(delivery->place, &delivery->rules, name,
                              &delivery->target, delivery->detail) != BITS_OK) {
            delivery->target = -1;
        }
        sync_folders(delivery);
        return;
    }
    local_staged_name(&delivery->id, staged);
    note(delivery, BITS_STAGED_FILE_MISSING, ENOENT, "cannot deliver",
         delivery->place->staging->path, staged);
    retry_later(delivery);
}

/* Opens and measures the data file; makes it if it is to be empty.  False:
 * the delivery has gone another way. */
static bool prepare_data(struct delivery *delivery)
{
    struct local_data *data = delivery->data;
    const char *staging = delivery->place->staging->path;
    uint64_t bytes = 0;
    int error = 0;

    if (delivery->session->state == STORE_DELIVERING
            ? !local_is_staged(delivery->place, &delivery->id)
            : data->fd < 0 && delivery->total > 0) {
        deliver_missing(delivery);
        return false;
    }
    if (data->fd < 0) {
        error = data_create(data);
    }
    if (!error) {
        error = os_measure(data->fd, &bytes);
    }
    if (!error && fchmod(data->fd, delivery->rules.file_mode) != 0) {
        error = errno;
    }
    if (error) {
        note(delivery, os_cause(error), error, "cannot prepare a file in",
             staging, NULL);
        retry_later(delivery);
        return false;
    }
    if (bytes != delivery->total) {
        note(delivery, BITS_IO_ERROR, ENODATA, "a file has lost bytes in",
             staging, NULL);
        fail(delivery, STORE_RECEIVING, bytes);
        return false;
    }
    return true;
}

static void step_begin(struct worker_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, work);
    enum bits_cause cause;
    int error = 0;

    if (!delivery->data) {
        error = data_get(delivery->place, &delivery->id,
                         delivery->session->epoch, &delivery->data);
    }
    if (!error) {
        delivery->staging = data_open_folder(delivery->data);
        error = delivery->staging < 0 ? errno : 0;
    }
    if (error) {
        note(delivery, os_cause(error), error, "cannot open a file in",
             delivery->place->staging->path, NULL);
        retry_later(delivery);
        return;
    }
    delivery->epoch = data_epoch(delivery->data);
    if (!prepare_data(delivery)) {
        return;
    }
    cause = local_open_folder(delivery->place, &delivery->rules, delivery->name,
                              &delivery->target, delivery->detail);
    if (cause != BITS_OK) {
        delivery->cause = cause;
        delivery->target = -1;
        retry_later(delivery);
        return;
    }
    make_durable(delivery);
}

void local_finish(struct store_place *place, struct store_session *session,
                  struct store_file *file, struct store_op *op)
{
    struct delivery *delivery = calloc(1, sizeof(*delivery));
    char *name = strdup(session->name);

    if (!delivery || !name) {
        free(delivery);
        free(name);
        index_refuse(place->store->index, op);
        return;
    }
    delivery->place = place;
    delivery->session = session;
    delivery->op = op;
    delivery->rules = local_rules_of(place);
    delivery->id = session->id;
    delivery->total = session->total_known ? session->total : 0;
    delivery->durable = delivery->rules.durability == CONFIG_DURABLE_FINAL;
    /* An empty file that Close makes replaces nothing. */
    delivery->overwrite = session->fragment_seen &&
                          delivery->rules.on_exists == CONFIG_EXISTS_REPLACE;
    delivery->name = name;
    delivery->target = -1;
    delivery->staging = -1;
    if (file) {
        delivery->data = local_file_data(file);
        data_ref(delivery->data);
    }
    local_enter(place->store, place);
    next_step(delivery, step_begin);
}
