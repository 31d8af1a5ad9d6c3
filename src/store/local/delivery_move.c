/*
 * store/local/delivery_move.c: renames the file and makes the folders durable.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/datedname.h"
#include "store/local/delivery.h"
#include "store/local/names.h"
#include "store/local/place.h"
#include "store/local/staging.h"
#include "store/local/trial.h"
#include "store/local/work.h"

/* --- folders ------------------------------------------------------------- */

static void folders_synced(struct delivery *delivery)
{
    int error = delivery->folder_error;

    if (error) {
        /* The file was moved, but may not survive a power cut: the next packet
         * comes here again. */
        delivery_note(delivery, BITS_CAUSE_IO_ERROR, error,
                      "delivered, but cannot fsync the "
                      "folder of",
                      DELIVERY_TARGET);
        delivery->outcome = STORE_DELIVERING;
        delivery->stored = delivery->total;
        delivery_answer(delivery);
        return;
    }
    delivery_succeed(delivery);
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

void delivery_sync_folders(struct delivery *delivery)
{
    struct folder_syncs *syncs = delivery->place->store->folder_syncs;

    if (!delivery->durable) {
        delivery_succeed(delivery);
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

/* --- the rename ---------------------------------------------------------- */

static void dated_name_committed(struct index_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, row);

    if (job->cause == BITS_CAUSE_IO_ERROR && delivery->is_late) {
        delivery_give_up(delivery, EIO);
        return;
    }
    delivery->row_cause = job->cause;
    if (job->cause != BITS_CAUSE_OK) {
        delivery->cause = job->cause;
        (void)fault_set(&delivery->fault, "%s", job->detail);
        delivery_retry_later(delivery);
        return;
    }
    delivery_next_step(delivery, delivery_move);
}

static void try_dated_name(struct delivery *delivery)
{
    const struct store_mark mark = {
        .id = &delivery->id,
        .now = local_now(delivery->place->store),
        .try = delivery->dated,
    };
    const char *wanted = store_destination(delivery->session);
    size_t size = strlen(wanted) + BITS_SEGMENT_MAX + 1;
    char *name;

    if (delivery->dated == STORE_DATED_NAMES) {
        delivery_note(delivery, CAUSE_NO_FREE_NAME, EEXIST, "cannot deliver",
                      DELIVERY_TARGET);
        delivery_retry_later(delivery);
        return;
    }
    name = malloc(size);
    if (!name) {
        delivery_note(delivery, CAUSE_OVERLOADED, ENOMEM, "cannot deliver",
                      DELIVERY_TARGET);
        delivery_retry_later(delivery);
        return;
    }
    store_dated_name(wanted, &mark, name, size);
    delivery->dated++;
    free(delivery->name);
    delivery->name = name;
    delivery_commit(delivery, dated_name_committed);
}

static void rename_failed(struct delivery *delivery, int error)
{
    struct stat info;
    enum bits_cause cause = trial_cause(delivery->place, error);
    bool staged = true;

    data_unsettle(delivery->data);
    if (error == ENOENT) {
        (void)local_is_staged(delivery->place, &delivery->id, &staged);
    }
    if (error == EEXIST &&
        fstatat(delivery->target, local_leaf(delivery->name), &info,
                AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(info.st_mode)) {
        cause = BITS_CAUSE_TARGET_IS_FOLDER;
    } else if (!staged) {
        cause = BITS_CAUSE_STAGED_FILE_MISSING;
    } else if (error == EEXIST &&
               delivery->rules.section.on_exists == STORE_EXISTS_KEEP_BOTH) {
        try_dated_name(delivery);
        return;
    }
    delivery_note(delivery, cause, error, "cannot deliver", DELIVERY_TARGET);
    delivery_retry_later(delivery);
}

void delivery_move(struct worker_job *job)
{
    struct delivery *delivery = CONTAINER_OF(job, struct delivery, work);
    char staged[LOCAL_STAGED_NAME_SIZE];
    enum bits_cause cause = local_look(delivery->place, &delivery->fault);

    if (cause != BITS_CAUSE_OK) {
        /* Otherwise the file would move to a folder to which the path no longer
         * leads. */
        delivery->cause = cause;
        delivery_retry_later(delivery);
        return;
    }
    if (!data_settle(delivery->data, delivery->epoch)) {
        delivery_give_up(delivery, EIO);
        return;
    }
    local_staged_name(&delivery->id, staged);
    if (renameat2(delivery->staging, strchr(staged, '/') + 1, delivery->target,
                  local_leaf(delivery->name),
                  delivery->overwrite ? 0 : RENAME_NOREPLACE) != 0) {
        rename_failed(delivery, errno);
        return;
    }
    delivery_sync_folders(delivery);
}
