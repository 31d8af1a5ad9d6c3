/*
 * store/local/syncing.c: makes data files durable, or gives up their bytes.
 *
 * Why no session offers more than a power cut or an unmount has left:
 *
 *   - A row's `synced` is written after fdatasync of at least that many bytes
 *     of the same epoch, so any version of the row that survives names bytes
 *     that survive.  (A later `synced` may be lost: then less is offered.)
 *   - Before find() returns the row, hence before any byte is stored in this
 *     instance, a row's `instance` is set to the present one and committed.
 *     The index has the number of the instance, durably, before that, and never
 *     reuses a number.  So every row that survives the end of the instance has
 *     an older number, or none, and only `synced` bytes count.
 *   - `synced` may only shrink if bytes below it are no longer certain.  Then
 *     the row is committed durably before the file is cut and before new bytes
 *     are accepted; until then a handle reports IO_ERROR.  So no surviving row
 *     claims bytes of an earlier epoch that were overwritten.
 *
 * The descriptor is closed only after an fdatasync: closing it would lose the
 * error of a later write-back.
 *
 * The folder entry of a file is synced with its first bytes.  If it is lost all
 * the same, the file is missing and the session starts at 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/file.h"
#include "store/local/data.h"
#include "store/local/rows.h"
#include "store/local/staging.h"
#include "store/local/work.h"

/* The largest piece that a file system rewrites in place: below this boundary
 * no byte was rewritten together with one above `saved`. */
#define KEEP_BLOCK ((uint64_t)1024 * 1024)

/* After a failed write-back: keeps the saved bytes. */
static void keep_saved(struct local_data *data)
{
    data->saved -= data->saved % KEEP_BLOCK;
    data->stored = data->saved;
}

int data_open_folder(const struct local_data *data)
{
    return local_open_staged(data->place->staging, &data->id,
                             O_RDONLY | O_DIRECTORY);
}

/* The kernel reports a failed write-back once.  The mutex keeps other threads
 * from taking a later successful fdatasync as proof. */
int data_sync_now(struct local_data *data, int64_t epoch)
{
    int error = 0;

    uv_mutex_lock(&data->sync_mutex);
    uv_mutex_lock(&data->mutex);
    if (data->epoch != epoch) {
        error = ESTALE;
    } else if (data->spoilt) {
        error = EIO;
    }
    uv_mutex_unlock(&data->mutex);
    if (!error && fdatasync(data->fd) != 0) {
        error = errno;
        uv_mutex_lock(&data->mutex);
        if (!data->settled) {
            data->spoilt = true;
            keep_saved(data);
        }
        uv_mutex_unlock(&data->mutex);
    }
    uv_mutex_unlock(&data->sync_mutex);
    return error;
}

/* --- in the background --------------------------------------------------- */

/* Takes out the savers whose bytes the row records now. */
static struct data_saver *take_saved(struct local_data *data)
{
    struct data_saver **link = &data->savers;
    struct data_saver *taken = NULL;
    struct data_saver *saver;

    while ((saver = *link)) {
        if (saver->epoch == data->epoch && saver->bytes <= data->saved) {
            *link = saver->next;
            saver->next = taken;
            taken = saver;
        } else {
            link = &saver->next;
        }
    }
    return taken;
}

static void tell_savers(struct data_saver *saver, enum bits_cause cause,
                        const char *detail)
{
    struct data_saver *next;

    for (; saver; saver = next) {
        next = saver->next;
        saver->done(saver, cause, detail);
    }
}

/* Ends this round; a failure also ends the wait of every saver.  The savers
 * report it.  Without a saver it is logged here, except for bytes that are
 * given up: data_give_up() logs those. */
static void end_sync(struct local_data *data, enum bits_cause cause,
                     const char *detail)
{
    struct store_place *place = data->place;
    struct data_saver *saved;
    struct data_saver *failed = NULL;
    bool again;
    bool lost;

    uv_mutex_lock(&data->mutex);
    if (cause == BITS_CAUSE_OK && data->epoch == data->covering_epoch &&
        data->saved < data->covering) {
        data->saved = data->covering;
    }
    lost = data->spoilt || data->epoch != data->covering_epoch;
    again = !data->spoilt && data->want_epoch == data->epoch &&
            (data->want > data->covering ||
             data->covering_epoch != data->want_epoch);
    saved = take_saved(data);
    if (cause != BITS_CAUSE_OK || !again) {
        failed = data->savers;
        data->savers = NULL;
    }
    data->syncing = again;
    uv_mutex_unlock(&data->mutex);
    if (cause != BITS_CAUSE_OK && !failed && !lost) {
        local_trouble(place->store, cause, detail);
    }
    tell_savers(saved, BITS_CAUSE_OK, "");
    tell_savers(failed, cause != BITS_CAUSE_OK ? cause : BITS_CAUSE_IO_ERROR,
                detail);
    if (again) {
        workers_submit(place->store->workers, &data->work);
    } else {
        data_put(data);
        local_leave(place->store, place);
    }
}

static enum bits_cause run_row(struct index_job *job, struct database *database)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, row);
    struct store_session row = {.id = data->id};

    local_tail(&row)->epoch = data->covering_epoch;
    local_tail(&row)->synced = data->covering;
    data_name_file(data, &row);
    /* No row, or one of another epoch: the bytes are no longer needed. */
    (void)rows_synced(database, &row);
    return BITS_CAUSE_OK;
}

static void row_done(struct index_job *job)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, row);

    end_sync(data, job->cause, job->detail);
}

static void write_row(struct local_data *data)
{
    data->row = (struct index_job){
        .need = DATABASE_WRITE, .run = run_row, .done = row_done};
    index_submit(data->place->store->index, &data->row);
}

static void folder_failed(struct local_data *data, const char *what, int error)
{
    struct fault fault;
    enum bits_cause cause =
        os_fail(&fault, error, what, data->place->staging->path, NULL);

    end_sync(data, cause, fault.text);
}

static void folder_synced(struct folder_sync *sync, int error)
{
    struct local_data *data =
        CONTAINER_OF(sync, struct local_data, folder_sync);

    (void)close(sync->fd);
    if (error) {
        folder_failed(data, "cannot fsync a folder of", error);
        return;
    }
    uv_mutex_lock(&data->mutex);
    data->entry_synced = true;
    uv_mutex_unlock(&data->mutex);
    write_row(data);
}

static void sync_failed(struct local_data *data, int error)
{
    char name[LOCAL_STAGED_NAME_SIZE];
    struct fault fault;
    bool spoilt;

    local_show_staged_name(&data->id, name);
    (void)os_fail(&fault, error, "cannot fdatasync", data->place->staging->path,
                  name);
    uv_mutex_lock(&data->mutex);
    spoilt = data->spoilt;
    uv_mutex_unlock(&data->mutex);
    if (spoilt) {
        data_give_up(data, DATA_KEEP_SAVED, &fault, NULL);
    }
    /* If not spoilt, an earlier sync, that of the delivery, made the bytes
     * durable; or, with durability = none, they may be lost as configured. */
    end_sync(data, spoilt ? BITS_CAUSE_IO_ERROR : os_cause(error), fault.text);
}

static void sync_in_background(struct worker_job *job)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, work);
    bool entry_synced;
    int folder;
    int error;

    uv_mutex_lock(&data->mutex);
    if (data->want_epoch == data->epoch && data->want > data->stored) {
        data->want = data->stored; /* an earlier handle cut off the rest */
    }
    data->covering = data->want;
    data->covering_epoch = data->want_epoch;
    entry_synced = data->entry_synced;
    uv_mutex_unlock(&data->mutex);
    error = data_sync_now(data, data->covering_epoch);
    if (error == ESTALE) {
        end_sync(data, BITS_CAUSE_IO_ERROR, "the bytes were given up");
        return;
    }
    if (error) {
        sync_failed(data, error);
        return;
    }
    if (entry_synced) {
        write_row(data);
        return;
    }
    folder = data_open_folder(data);
    if (folder < 0) {
        folder_failed(data, "cannot open a folder of", errno);
        return;
    }
    error = local_sync_made(data->place->staging);
    if (error) {
        (void)close(folder);
        folder_failed(data, "cannot fsync", error);
        return;
    }
    data->folder_sync =
        (struct folder_sync){.fd = folder, .done = folder_synced};
    folder_syncs_request(data->place->store->folder_syncs, &data->folder_sync);
}

/* Adds the saver, if there is one, and returns whether it did; starts a sync
 * unless one is running. */
static bool sync_later(struct local_data *data, int64_t epoch, uint64_t bytes,
                       struct data_saver *saver)
{
    struct store_place *place = data->place;
    bool usable;
    bool start = false;

    uv_mutex_lock(&data->mutex);
    usable = data->epoch == epoch && !data->spoilt;
    if (usable) {
        if (saver) {
            saver->next = data->savers;
            data->savers = saver;
        }
        /* Never reduces the bytes of an epoch: a saver may wait for them. */
        if (data->want_epoch != epoch || data->want < bytes) {
            data->want = bytes;
        }
        data->want_epoch = epoch;
        start = !data->syncing;
        data->syncing = true;
    }
    uv_mutex_unlock(&data->mutex);
    if (start) {
        data_ref(data);
        local_enter(place->store, place);
        data->work.run = sync_in_background;
        workers_submit(place->store->workers, &data->work);
    }
    return usable;
}

void data_sync_later(struct local_data *data, int64_t epoch, uint64_t bytes)
{
    (void)sync_later(data, epoch, bytes, NULL);
}

bool data_save(struct local_data *data, struct data_saver *saver)
{
    return sync_later(data, saver->epoch, saver->bytes, saver);
}

bool data_is_saved(struct local_data *data, int64_t epoch, uint64_t bytes)
{
    bool saved;

    uv_mutex_lock(&data->mutex);
    saved = data->epoch == epoch && data->saved >= bytes;
    uv_mutex_unlock(&data->mutex);
    return saved;
}

/* --- giving up ----------------------------------------------------------- */

static enum bits_cause run_give_up(struct index_job *job,
                                   struct database *database)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, give_up_row);
    struct store_session row;

    if (rows_give_up(database, &data->id, data->epoch, data->saved) ||
        rows_get(database, &data->id, &row) != BITS_CAUSE_OK) {
        return BITS_CAUSE_OK;
    }
    /* The file was opened for a session that does not know the last loss
     * yet. */
    uv_mutex_lock(&data->mutex);
    data->epoch = local_tail(&row)->epoch + 1;
    uv_mutex_unlock(&data->mutex);
    store_session_done(&row);
    (void)rows_give_up(database, &data->id, data->epoch, data->saved);
    return BITS_CAUSE_OK;
}

/* A file that is not the session's gives up its name to the next file. */
static int cut(struct local_data *data)
{
    if (data_is_replaced(data)) {
        return data_drop_name(data);
    }
    return data->fd < 0 ? 0 : os_truncate(data->fd, data->stored);
}

static void cut_file(struct worker_job *job)
{
    struct local_data *data =
        CONTAINER_OF(job, struct local_data, give_up_work);
    struct store_place *place = data->place;
    struct data_waiter *waiter;
    struct data_waiter *next;
    bool abandoned;
    bool lost;
    int error;

    uv_mutex_lock(&data->write_mutex);
    error = cut(data);
    uv_mutex_unlock(&data->write_mutex);
    abandoned = data_is_abandoned(data);
    uv_mutex_lock(&data->mutex);
    lost = data->lost;
    uv_mutex_unlock(&data->mutex);
    local_trouble(place->store,
                  error  ? os_cause(error)
                  : lost ? CAUSE_STAGED_FILE_LOST
                         : BITS_CAUSE_IO_ERROR,
                  data->trouble.text);
    uv_mutex_lock(&data->mutex);
    /* Without the cut or the commit the bytes remain unusable; the next opening
     * of the file retries. */
    data->spoilt =
        abandoned || error != 0 || data->give_up_row.cause != BITS_CAUSE_OK;
    data->giving_up = false;
    waiter = data->waiters;
    data->waiters = NULL;
    uv_mutex_unlock(&data->mutex);
    for (; waiter; waiter = next) {
        next = waiter->next;
        waiter->done(waiter);
    }
    data_put(data);
    local_leave(place->store, place);
}

static void give_up_row_done(struct index_job *job)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, give_up_row);

    if (job->cause != BITS_CAUSE_OK) {
        local_trouble(data->place->store, job->cause, job->detail);
    }
    data->give_up_work.run = cut_file;
    workers_submit(data->place->store->workers, &data->give_up_work);
}

bool data_settle(struct local_data *data, int64_t epoch)
{
    bool sound;

    uv_mutex_lock(&data->mutex);
    sound = !data->spoilt && data->epoch == epoch;
    data->settled |= sound;
    uv_mutex_unlock(&data->mutex);
    return sound;
}

void data_unsettle(struct local_data *data)
{
    uv_mutex_lock(&data->mutex);
    data->settled = false;
    uv_mutex_unlock(&data->mutex);
}

void data_give_up(struct local_data *data, enum data_keep keep,
                  const struct fault *why, struct data_waiter *waiter)
{
    struct store_place *place = data->place;
    bool start;
    bool wait;

    /* It must not be abandoned meanwhile: its row would then belong to another
     * one. */
    uv_mutex_lock(&place->store->data_mutex);
    uv_mutex_lock(&data->mutex);
    data->spoilt = true;
    start = !data->giving_up && !data->abandoned;
    data->giving_up |= start;
    wait = waiter && data->giving_up;
    if (wait) {
        waiter->next = data->waiters;
        data->waiters = waiter;
    }
    if (data->abandoned) {
        data->stored = 0;
    } else if (start) {
        data->refs++; /* cut_file() releases it */
        data->epoch++;
        if (keep == DATA_KEEP_NOTHING) {
            data->saved = 0;
        }
        keep_saved(data);
        data->trouble = *why;
    }
    uv_mutex_unlock(&data->mutex);
    uv_mutex_unlock(&place->store->data_mutex);
    if (start) {
        local_enter(place->store, place);
        data->give_up_row = (struct index_job){.need = DATABASE_DURABLE,
                                               .run = run_give_up,
                                               .done = give_up_row_done};
        index_submit(place->store->index, &data->give_up_row);
    }
    if (waiter && !wait) {
        waiter->done(waiter);
    }
}
