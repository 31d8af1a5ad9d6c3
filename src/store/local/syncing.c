/*
 * store/local/syncing.c: data files become durable, or are given up.
 *
 * What a power cut leaves, and why no session offers more than it has:
 *
 *   - A row's `synced` is written after fdatasync of at least that many bytes
 *     of the same epoch, so any version of the row that survives names bytes
 *     that survive.  (A later `synced` may be lost: then less is offered.)
 *   - A row's `boot` is set to the present boot, and that is committed, before
 *     find() hands the row out, hence before any byte is stored in this boot:
 *     after kill -9 all bytes written since count.  The index raises the
 *     number of the boot, durably, before the first find() after a power cut,
 *     so every row that survives is older and only `synced` bytes count.
 *   - `synced` may only shrink when bytes below it are gone.  Then the row is
 *     committed, durably, before the file is cut to nothing and before new
 *     bytes are taken: a handle reports IO_ERROR until then.  So no surviving
 *     row claims bytes of an earlier epoch that were overwritten.
 *
 * The folder entry of a file is synced with its first bytes; if it is lost
 * all the same, the file is missing and the session starts at 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/file.h"
#include "store/local/data.h"
#include "store/local/rows.h"

int data_open_folder(const struct local_data *data)
{
    char name[LOCAL_STAGED_NAME_SIZE];

    local_staged_name(&data->id, name);
    *strchr(name, '/') = '\0';
    return openat(data->place->staging->fd, name,
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The kernel reports a failed write-back once.  The mutex sees to it that
 * nobody takes the silence after it for success. */
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
        data->spoilt = !data->settled;
        uv_mutex_unlock(&data->mutex);
    }
    uv_mutex_unlock(&data->sync_mutex);
    return error;
}

/* --- in the background --------------------------------------------------- */

static void end_sync(struct local_data *data)
{
    struct store_place *place = data->place;
    bool again;

    uv_mutex_lock(&data->mutex);
    again = !data->spoilt && data->want_epoch == data->epoch &&
            (data->want > data->covering ||
             data->covering_epoch != data->want_epoch);
    data->syncing = again;
    uv_mutex_unlock(&data->mutex);
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

    /* No row, or one of another epoch: the bytes are not wanted any more. */
    (void)rows_synced(database, &data->id, data->covering_epoch,
                      data->covering);
    return BITS_OK;
}

static void row_done(struct index_job *job)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, row);

    if (job->cause != BITS_OK) {
        local_trouble(data->place->store, job->cause, job->detail);
    }
    end_sync(data);
}

static void write_row(struct local_data *data)
{
    data->row = (struct index_job){
        .need = DATABASE_WRITE, .run = run_row, .done = row_done};
    index_submit(data->place->store->index, &data->row);
}

static void folder_failed(struct local_data *data, const char *what, int error)
{
    char detail[STORE_DETAIL_MAX];

    local_trouble(data->place->store,
                  os_fail((struct os_detail){detail, sizeof(detail)}, error,
                          what, data->place->staging->path, NULL),
                  detail);
    end_sync(data);
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
    char detail[STORE_DETAIL_MAX];
    bool spoilt;

    local_staged_name(&data->id, name);
    (void)os_fail((struct os_detail){detail, sizeof(detail)}, error,
                  "cannot fdatasync", data->place->staging->path, name);
    uv_mutex_lock(&data->mutex);
    spoilt = data->spoilt;
    uv_mutex_unlock(&data->mutex);
    if (spoilt) {
        data_give_up(data, detail, NULL);
    } else {
        /* An earlier sync, the delivery's own, made the bytes durable. */
        local_trouble(data->place->store, os_cause(error), detail);
    }
    end_sync(data);
}

static void sync_in_background(struct worker_job *job)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, work);
    bool entry_synced;
    int folder;
    int error;

    uv_mutex_lock(&data->mutex);
    data->covering = data->want;
    data->covering_epoch = data->want_epoch;
    entry_synced = data->entry_synced;
    uv_mutex_unlock(&data->mutex);
    error = data_sync_now(data, data->covering_epoch);
    if (error == ESTALE) {
        end_sync(data);
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
    data->folder_sync =
        (struct folder_sync){.fd = folder, .done = folder_synced};
    folder_syncs_request(data->place->store->folder_syncs, &data->folder_sync);
}

void data_sync_later(struct local_data *data, int64_t epoch, uint64_t bytes)
{
    struct store_place *place = data->place;
    bool start;

    if (local_rules_of(place).durability != CONFIG_DURABLE_FINAL) {
        return;
    }
    uv_mutex_lock(&data->mutex);
    start = data->epoch == epoch && !data->spoilt;
    if (start) {
        data->want = bytes;
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
}

/* --- giving up ----------------------------------------------------------- */

static enum bits_cause run_give_up(struct index_job *job,
                                   struct database *database)
{
    struct local_data *data = CONTAINER_OF(job, struct local_data, give_up_row);

    (void)rows_give_up(database, &data->id, data->epoch);
    return BITS_OK;
}

static void cut_to_nothing(struct worker_job *job)
{
    struct local_data *data =
        CONTAINER_OF(job, struct local_data, give_up_work);
    struct store_place *place = data->place;
    struct data_waiter *waiter;
    struct data_waiter *next;
    int error;

    uv_mutex_lock(&data->write_mutex);
    error = data->fd < 0 ? 0 : os_truncate(data->fd, 0);
    uv_mutex_unlock(&data->write_mutex);
    local_trouble(place->store, os_cause(error ? error : EIO), data->trouble);
    uv_mutex_lock(&data->mutex);
    /* Without the cut or the commit the bytes stay out of use; the next
     * opening of the file tries again. */
    data->spoilt = error != 0 || data->give_up_row.cause != BITS_OK;
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

    if (job->cause != BITS_OK) {
        local_trouble(data->place->store, job->cause, job->detail);
    }
    data->give_up_work.run = cut_to_nothing;
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

void data_give_up(struct local_data *data, const char *why,
                  struct data_waiter *waiter)
{
    struct store_place *place = data->place;
    bool start;

    uv_mutex_lock(&data->mutex);
    data->spoilt = true;
    start = !data->giving_up;
    data->giving_up = true;
    if (waiter) {
        waiter->next = data->waiters;
        data->waiters = waiter;
    }
    if (start) {
        data->epoch++;
        (void)snprintf(data->trouble, sizeof(data->trouble), "%s", why);
    }
    uv_mutex_unlock(&data->mutex);
    if (start) {
        data_ref(data);
        local_enter(place->store, place);
        data->give_up_row = (struct index_job){.need = DATABASE_DURABLE,
                                               .run = run_give_up,
                                               .done = give_up_row_done};
        index_submit(place->store->index, &data->give_up_row);
    }
}
