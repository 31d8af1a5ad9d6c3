/*
 * store/local/delivery.c: deliver(): checks the file and makes it durable
 * before it moves.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "os/rights.h"
#include "store/local/calls.h"
#include "store/local/delivery.h"
#include "store/local/folders.h"
#include "store/local/names.h"
#include "store/local/rules.h"
#include "store/local/staging.h"
#include "store/local/work.h"

/* --- step 1 -------------------------------------------------------------- */

static void step_made_durable(struct worker_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, work);

    if (delivery->sync_error) {
        delivery_give_up(delivery, delivery->sync_error);
    } else if (delivery->folder_error) {
        delivery_note(delivery, BITS_CAUSE_IO_ERROR, delivery->folder_error,
                      "cannot fsync the folder of", DELIVERY_STAGED_FILE);
        delivery_retry_later(delivery);
    } else if (delivery->is_late) {
        delivery_give_up(delivery, EIO);
    } else if (delivery->row_cause != BITS_CAUSE_OK) {
        delivery->cause = delivery->row_cause;
        delivery_retry_later(delivery);
    } else {
        delivery->are_synced = delivery->durable;
        delivery_move(job);
    }
}

static void part_done(struct delivery *delivery)
{
    if (atomic_fetch_sub(&delivery->pending, 1) == 1) {
        delivery_next_step(delivery, step_made_durable);
    }
}

static void row_committed(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    delivery->row_cause = job->cause;
    if (job->cause != BITS_CAUSE_OK) {
        (void)fault_set(&delivery->fault, "%s", job->detail);
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
    delivery_commit(delivery, row_committed);
}

static void make_durable(struct delivery *delivery)
{
    struct local_data *data = delivery->data;
    bool known;

    uv_mutex_lock(&data->mutex);
    known = data->entry_synced;
    uv_mutex_unlock(&data->mutex);
    delivery->pending = 2;
    if (!known && delivery->durable) {
        delivery->folder_error = local_sync_made(delivery->place->staging);
    }
    if (delivery->folder_error) {
        part_done(delivery);
    } else if (known || !delivery->durable) {
        delivery_commit(delivery, row_committed);
    } else {
        delivery->staging_sync =
            (struct folder_sync){.fd = delivery->staging, .done = entry_synced};
        folder_syncs_request(delivery->place->store->folder_syncs,
                             &delivery->staging_sync);
    }
    if (delivery->durable) {
        delivery->sync_error = data_sync_now(data, delivery->epoch);
    } else if (!data_is_usable(data, delivery->epoch)) {
        delivery->sync_error = EIO;
    }
    part_done(delivery);
}

/* --- before step 1 ------------------------------------------------------- */

static void step_moved(struct worker_job *job)
{
    delivery_sync_folders(CONTAINER_OF(job, struct delivery, work));
}

/* Either a consumer took the delivered file, or the file was removed from the
 * staging folder before it was moved.  The server cannot tell which, so it
 * warns. */
static void warn_of_absence(struct delivery *delivery)
{
    struct store_place *place = delivery->place;
    const char *leaf = local_leaf(delivery->name);
    struct fault fault;
    struct stat info;

    if (local_tail_const(delivery->session)->staged_inode == 0 ||
        (delivery->target >= 0 &&
         fstatat(delivery->target, leaf, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         info.st_ino == local_tail_const(delivery->session)->staged_inode)) {
        return;
    }
    (void)fault_set(&fault,
                    "the delivery of %.120s/%.120s was interrupted and the "
                    "file is not there: a consumer took it, or its staged file "
                    "was removed; if no consumer has it, upload it again",
                    place->root_path, delivery->name);
    local_warn(place->store, "missing", fault.text);
}

/* The staged file is gone. */
static void deliver_missing(struct delivery *delivery)
{
    struct store_session *session = delivery->session;
    char *name = session->delivered_as;

    if (session->state == STORE_DELIVERING && name[0]) {
        /* The file was moved.  Swaps the two names, so that each keeps an
         * owner.  A folder that has vanished since needs no fsync. */
        session->delivered_as = delivery->name;
        delivery->name = name;
        delivery->target =
            local_open_old_folder(delivery->place, &delivery->rules, name);
        warn_of_absence(delivery);
        delivery_next_step(delivery, step_moved);
        return;
    }
    delivery_note(delivery, BITS_CAUSE_STAGED_FILE_MISSING, ENOENT,
                  "cannot deliver", DELIVERY_STAGED_FILE);
    delivery_retry_later(delivery);
}

/* Checks that the file is as long as its stored bytes.  Returns ENODATA if it
 * was changed from outside. */
static int measure(struct delivery *delivery, uint64_t *ret_bytes)
{
    struct local_data *data = delivery->data;
    uint64_t length = 0;
    int64_t epoch;
    int error = os_file_length(data->fd, &length);

    *ret_bytes = data_stored(data, &epoch);
    if (error) {
        return error;
    }
    if (length < *ret_bytes ||
        *ret_bytes < local_tail_const(delivery->session)->synced ||
        data_is_replaced(data)) {
        return ENODATA;
    }
    if (length > *ret_bytes) {
        uv_mutex_lock(&data->write_mutex);
        error = os_truncate(data->fd, *ret_bytes);
        uv_mutex_unlock(&data->write_mutex);
    }
    return error;
}

/* Fails before it is known whether an earlier delivery moved the file: the row
 * remains DELIVERING. */
static void fail_unknown(struct delivery *delivery)
{
    struct store_session *session = delivery->session;
    char *name = session->delivered_as;

    if (session->state != STORE_DELIVERING) {
        delivery_retry_later(delivery);
        return;
    }
    session->delivered_as = delivery->name;
    delivery->name = name;
    delivery->outcome = STORE_DELIVERING;
    delivery->stored = delivery->total;
    delivery_answer(delivery);
}

/* Call if the data file or its folder cannot be opened. */
static void cannot_open(struct delivery *delivery, int error)
{
    /* FOLDER_MISSING is a cause for destinations only. */
    enum bits_cause cause =
        error == ENOENT ? BITS_CAUSE_STAGED_FILE_MISSING : os_cause(error);

    delivery_note(delivery, cause, error, "cannot open a file in",
                  DELIVERY_STAGING);
    fail_unknown(delivery);
}

/* Writes why the file has the wrong group, and the remedy. */
static bool explain_group(const struct delivery *delivery,
                          struct fault *ret_fault)
{
    struct stat folder;
    struct stat file;

    if (fstat(delivery->target, &folder) != 0 ||
        fstat(delivery->data->fd, &file) != 0) {
        return false;
    }
    if (file.st_gid == getegid()) {
        (void)fault_set(
            ret_fault,
            "%.120s/%.100s does not get the group %u of its folder: the "
            "user of bitsd is not a member; add it (SupplementaryGroups= in "
            "the unit) and restart bitsd",
            delivery->place->root_path, delivery->name, folder.st_gid);
    } else {
        (void)fault_set(ret_fault,
                        "%.120s/%.100s keeps the group %u: the file system "
                        "does not let bitsd change it; see its mount options",
                        delivery->place->root_path, delivery->name,
                        file.st_gid);
    }
    return true;
}

/* Opens and measures the data file; creates it if it should be empty.  Returns
 * false if the delivery continues elsewhere. */
static bool prepare_data(struct delivery *delivery)
{
    struct local_data *data = delivery->data;
    bool staged = data->fd >= 0 || delivery->total == 0;
    uint64_t bytes = 0;
    int error = 0;

    if (delivery->session->state == STORE_DELIVERING) {
        error = local_is_staged(delivery->place, &delivery->id, &staged);
        if (error) {
            cannot_open(delivery, error);
            return false;
        }
    }
    if (!staged) {
        deliver_missing(delivery);
        return false;
    }
    if (data->fd < 0) {
        uv_mutex_lock(&data->write_mutex);
        error = data->fd < 0 ? data_create(data) : 0;
        uv_mutex_unlock(&data->write_mutex);
    }
    if (!error) {
        data_name_file(data, delivery->session);
        error = measure(delivery, &bytes);
    }
    if (error == ENODATA) {
        delivery_give_up_all(delivery, error);
        return false;
    }
    if (error) {
        delivery_note(delivery, os_cause(error), error,
                      "cannot prepare a file in", DELIVERY_STAGING);
        delivery_retry_later(delivery);
        return false;
    }
    if (bytes != delivery->total) {
        delivery_note(delivery, BITS_CAUSE_IO_ERROR, ENODATA,
                      "a file has lost bytes in", DELIVERY_STAGING);
        delivery_fail(delivery, STORE_RECEIVING, bytes);
        return false;
    }
    return true;
}

/* Warns once per section until the next reload. */
static void warn_of_group(struct delivery *delivery)
{
    struct store_place *place = delivery->place;
    struct fault fault;
    bool told;

    uv_mutex_lock(&place->store->mutex);
    told = place->told_group;
    place->told_group = true;
    uv_mutex_unlock(&place->store->mutex);
    if (!told && explain_group(delivery, &fault)) {
        local_warn(place->store, "rights", fault.text);
    }
}

/* Sets the rights for the destination while only the server can see the file.
 * Returns 0 or an errno value. */
static int set_rights(struct delivery *delivery)
{
    int fd = delivery->data->fd;
    mode_t mode = delivery->rules.own.file_mode;
    int group_error = 0;
    int error =
        delivery->rules.own.inherit_rights
            ? os_inherit_rights(fd, delivery->target, mode, &group_error)
            : os_set_rights(fd, mode, &group_error);

    if (!error && group_error) {
        warn_of_group(delivery);
    }
    return error;
}

static void step_begin(struct worker_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, work);
    enum bits_cause cause;
    int error = 0;

    if (!delivery->data) {
        error = data_get(delivery->place, delivery->session, &delivery->data);
    }
    if (!error) {
        delivery->staging = data_open_folder(delivery->data);
        error = delivery->staging < 0 ? errno : 0;
    }
    if (error) {
        cannot_open(delivery, error);
        return;
    }
    if (!data_is_usable(delivery->data, delivery->epoch)) {
        delivery_give_up(delivery, EIO);
        return;
    }
    if (!prepare_data(delivery)) {
        return;
    }
    cause = local_open_folder(
        delivery->place, &delivery->rules,
        &(struct names_wanted){delivery->name, delivery->session->own_folders},
        &delivery->target, &delivery->fault);
    if (cause != BITS_CAUSE_OK) {
        delivery->cause = cause;
        delivery->target = -1;
        delivery_retry_later(delivery);
        return;
    }
    error = set_rights(delivery);
    if (error) {
        delivery_note(delivery, os_cause(error), error,
                      "cannot set the rights of", DELIVERY_TARGET);
        delivery_retry_later(delivery);
        return;
    }
    make_durable(delivery);
}

enum store_when local_deliver(struct store_place *place,
                              struct store_session *session,
                              struct store_file *file, struct store_op *op)
{
    struct delivery *delivery = calloc(1, sizeof(*delivery));
    char *name = strdup(store_destination(session));

    if (!delivery || !name) {
        free(delivery);
        free(name);
        op->stored = session->total_known ? session->total : 0;
        return local_refuse(op);
    }
    delivery->place = place;
    delivery->session = session;
    delivery->op = op;
    delivery->rules = local_rules_of(place);
    delivery->id = session->id;
    delivery->total = session->total_known ? session->total : 0;
    delivery->durable =
        delivery->rules.section.durability == STORE_DURABLE_FINAL;
    /* An empty file that Close makes does not replace a file. */
    delivery->overwrite =
        session->fragment_seen &&
        delivery->rules.section.on_exists == STORE_EXISTS_REPLACE;
    delivery->name = name;
    delivery->target = -1;
    delivery->staging = -1;
    delivery->epoch = local_tail_const(session)->epoch;
    if (file) {
        delivery->data = local_file_data(file);
        delivery->epoch = local_file_epoch(file);
        data_ref(delivery->data);
    }
    local_enter(place->store, place);
    if (delivery->durable || !file) {
        delivery_next_step(delivery, step_begin);
    } else {
        /* Nothing waits for a disk before the commit. */
        step_begin(&delivery->work);
    }
    return STORE_LATER;
}
