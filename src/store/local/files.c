/*
 * store/local/files.c: stores the bytes of fragments.
 *
 * Event threads call this: nothing here waits for a disk.  When append()
 * returns, the bytes are in the page cache, which survives the process;
 * syncing.c and delivery.c make them durable.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/smaller.h"
#include "os/file.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/rules.h"
#include "store/local/sessions.h"
#include "store/local/space.h"
#include "store/local/staging.h"
#include "store/local/work.h"

/* A worker syncs the file after each so many bytes. */
#define SYNC_EVERY ((uint64_t)64 * 1024 * 1024)

/* Less is not worth a preallocation. */
#define RESERVE_LEAST ((uint64_t)1024 * 1024)

struct store_file {
    struct local_data *data;
    struct store_session *session; /* the caller's; outlives the file */
    int64_t epoch;                 /* of the bytes that this handle has
                                      stored */
    uint64_t stored;               /* bytes */
    uint64_t begun_at;             /* `stored` at begin() */
    uint64_t fragment_end;         /* the end of the running fragment */
    uint64_t synced_at;            /* bytes requested in the last sync */
    bool first_bytes;              /* it stored the session's first bytes */
};

struct local_data *local_file_data(struct store_file *file)
{
    return file->data;
}

int64_t local_file_epoch(const struct store_file *file)
{
    return file->epoch;
}

static enum bits_cause fail(struct local_data *data, int error,
                            const char *what, struct fault *ret_fault)
{
    char name[LOCAL_STAGED_NAME_SIZE];
    enum bits_cause cause;

    local_show_staged_name(&data->id, name);
    cause = os_fail(ret_fault, error, what, data->place->staging->path, name);
    /* FOLDER_MISSING is a cause for destinations only. */
    return cause == CAUSE_FOLDER_MISSING ? CAUSE_PLACE_AWAY : cause;
}

static enum bits_cause file_lost(const struct local_data *data,
                                 struct fault *ret_fault)
{
    char name[LOCAL_STAGED_NAME_SIZE];

    local_show_staged_name(&data->id, name);
    return cause_fault(ret_fault, CAUSE_STAGED_FILE_LOST,
                       "%s/%s does not exist; the upload restarts at byte 0",
                       data->place->staging->path, name);
}

/* The session takes over the epoch of the remaining bytes.  If the file is
 * closed before it is opened again, only the session knows that epoch. */
static enum bits_cause given_up(struct local_data *data,
                                struct store_session *session,
                                uint64_t *ret_stored, struct fault *ret_fault)
{
    struct local_tail *tail = local_tail(session);
    uint64_t left = data_stored(data, &tail->epoch);
    bool lost;

    uv_mutex_lock(&data->mutex);
    lost = data->lost;
    uv_mutex_unlock(&data->mutex);
    tail->synced = left;
    data_forget_name(session);
    *ret_stored = left;
    if (lost) {
        return file_lost(data, ret_fault);
    }
    return fail(data, EIO,
                left ? "the bytes since the last fdatasync were given up:"
                     : "the bytes so far were given up:",
                ret_fault);
}

/* Checks that the file holds what the row records.  Otherwise its bytes are
 * given up, and the file is not used until that is done. */
static enum bits_cause check(struct local_data *data,
                             struct store_session *session,
                             uint64_t *ret_stored, struct fault *ret_fault)
{
    struct local_tail *tail = local_tail(session);
    enum data_keep keep = DATA_KEEP_SAVED;
    bool spoilt;
    bool lost;

    uv_mutex_lock(&data->mutex);
    spoilt = data->spoilt;
    *ret_stored = data->stored;
    if (data->epoch > tail->epoch) {
        tail->epoch = data->epoch;
        tail->synced = smaller(tail->synced, data->stored);
    }
    if (!spoilt) {
        /* The row records bytes, or names the file that held them. */
        data->lost = data->fd < 0 &&
                     (data->stored < tail->synced || tail->staged_inode != 0);
    }
    lost = data->lost;
    uv_mutex_unlock(&data->mutex);
    if (!spoilt && !data->foreign && !lost && *ret_stored >= tail->synced) {
        return BITS_CAUSE_OK;
    }
    if (!spoilt) {
        keep = DATA_KEEP_NOTHING;
        if (lost) {
            (void)file_lost(data, ret_fault);
        } else {
            (void)fail(data, ENODATA,
                       data->foreign ? "another file has the name of"
                                     : "a file has lost bytes:",
                       ret_fault);
        }
    } else {
        (void)given_up(data, session, ret_stored, ret_fault);
    }
    data_give_up(data, keep, ret_fault, NULL);
    return given_up(data, session, ret_stored, ret_fault);
}

static enum bits_cause open_file(struct store_place *place,
                                 struct store_session *session,
                                 struct store_file *file,
                                 struct fault *ret_fault)
{
    int error = data_get(place, session, &file->data);
    enum bits_cause cause;

    if (error) {
        return os_fail(ret_fault, error, "cannot open a file in",
                       place->staging->path, NULL);
    }
    cause = check(file->data, session, &file->stored, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        data_put(file->data);
        return cause;
    }
    file->session = session;
    file->epoch = local_tail(session)->epoch;
    file->synced_at = file->stored;
    data_hold(file->data);
    return BITS_CAUSE_OK;
}

enum store_when local_file_open(struct store_place *place,
                                struct store_session *session,
                                struct store_file **ret_file,
                                struct store_op *op)
{
    struct store_file *file = calloc(1, sizeof(*file));
    enum bits_cause cause;

    if (!file) {
        return local_refuse(op);
    }
    cause = open_file(place, session, file, &op->fault);
    op->stored = file->stored;
    if (cause == BITS_CAUSE_OK) {
        *ret_file = file;
    } else {
        free(file);
    }
    return local_answer(op, cause);
}

/* The file was cut from outside: the next bytes would follow a hole. */
static bool lost_bytes(const struct store_file *file)
{
    uint64_t length = 0;

    return os_file_length(file->data->fd, &length) == 0 &&
           length < file->stored;
}

static enum bits_cause give_up(struct store_file *file, struct fault *ret_fault)
{
    (void)fail(file->data, ENODATA, "a file has lost bytes:", ret_fault);
    data_give_up(file->data, DATA_KEEP_NOTHING, ret_fault, NULL);
    return given_up(file->data, file->session, &file->stored, ret_fault);
}

/* Makes the file exist with exactly `stored` bytes. */
static enum bits_cause prepare(struct store_file *file, struct fault *ret_fault)
{
    struct local_data *data = file->data;
    uint64_t length = 0;
    int error = 0;

    if (data->read_only) {
        error = EROFS;
    } else if (data->fd < 0) {
        error = data_create(data);
    }
    if (!error) {
        data_name_file(data, file->session);
        error = os_file_length(data->fd, &length);
    }
    if (!error && length < file->stored) {
        return give_up(file, ret_fault);
    }
    if (!error && length > file->stored) {
        error = os_truncate(data->fd, file->stored);
    }
    return error ? fail(data, error, "cannot open", ret_fault) : BITS_CAUSE_OK;
}

static enum bits_cause begin(struct store_file *file, uint64_t stored,
                             uint64_t length, struct fault *ret_fault)
{
    struct local_data *data = file->data;
    uint64_t total = file->session->total;
    enum bits_cause cause;

    if (!data_is_usable(data, file->epoch)) {
        return given_up(data, file->session, &file->stored, ret_fault);
    }
    if (stored != file->stored || stored > total || length > total - stored) {
        return fail(data, EINVAL, "cannot append there:", ret_fault);
    }
    if (total > os_file_size_limit()) {
        return fail(data, EFBIG, "cannot store the whole file in", ret_fault);
    }
    cause = space_check(data->place, total - stored, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        uv_mutex_lock(&data->write_mutex);
        cause = data_is_usable(data, file->epoch)
                    ? prepare(file, ret_fault)
                    : given_up(data, file->session, &file->stored, ret_fault);
        uv_mutex_unlock(&data->write_mutex);
    }
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    file->begun_at = stored;
    file->fragment_end = stored + length;
    return BITS_CAUSE_OK;
}

enum store_when local_begin(struct store_file *file, uint64_t stored,
                            uint64_t length, struct store_op *op)
{
    return local_answer(op, begin(file, stored, length, &op->fault));
}

/* How much of the rest to preallocate: in proportion to the bytes that
 * arrived. */
static uint64_t share(uint64_t rest, uint64_t arrived)
{
    return smaller(smaller(rest, arrived), LOCAL_RESERVE);
}

/* Preallocates for the next bytes if that leaves min_free_space.  If
 * preallocation fails, the write reports the reason. */
static enum bits_cause reserve(struct store_file *file, size_t size,
                               struct fault *ret_fault)
{
    struct local_data *data = file->data;
    struct local_staging *staging = data->place->staging;
    uint64_t length =
        share(file->fragment_end - file->stored, file->stored + size);
    enum bits_cause cause;
    int error;

    if (file->stored + size <= data->reserved_end || length < RESERVE_LEAST) {
        return BITS_CAUSE_OK;
    }
    /* The file's own promise covers the same bytes. */
    cause = space_check_growth(
        data->place, length > data->promised ? length - data->promised : 0,
        ret_fault);
    if (cause != BITS_CAUSE_OK || !staging->reserves) {
        return cause;
    }
    error = os_reserve(data->fd, file->stored, length);
    if (!error) {
        data->reserved = true;
        data->reserved_end = file->stored + length;
    } else if (error == EOPNOTSUPP) {
        staging->reserves = false;
    }
    return BITS_CAUSE_OK;
}

static void note_activity(struct store_file *file)
{
    struct store_place *place = file->data->place;

    if (file->first_bytes) {
        local_note_activity(place, file->session);
    } else {
        local_touch(place, file->session);
    }
    file->first_bytes = false;
}

/* Without durability a power cut may lose the bytes.  But if the file system
 * does not report unmounts, bytes beyond `synced` may also be lost whenever the
 * file is closed. */
static void sync_later(struct store_file *file)
{
    struct store_place *place = file->data->place;

    if (!place->staging->instance ||
        local_rules_of(place).section.durability == STORE_DURABLE_FINAL) {
        data_sync_later(file->data, file->epoch, file->stored);
    }
}

/* Promises the bytes that are neither stored nor reserved. */
static void promise_rest(struct store_file *file)
{
    struct local_data *data = file->data;
    uint64_t taken =
        data->reserved_end > file->stored ? data->reserved_end : file->stored;

    space_promise(data->place->staging->volume, &data->promised,
                  share(file->fragment_end - taken, file->stored));
}

/* Call after storing some bytes. */
static void note_growth(struct store_file *file)
{
    if (!file->session->stored_any) {
        file->session->stored_any = true;
        file->first_bytes = true;
    }
    if (file->stored - file->synced_at >= SYNC_EVERY) {
        file->synced_at = file->stored;
        sync_later(file);
    }
}

/* The caller holds write_mutex. *ret_error: errno of the write. */
static enum bits_cause write_bytes(struct store_file *file,
                                   struct os_bytes *bytes, size_t *ret_written,
                                   int *ret_error, struct fault *ret_fault)
{
    struct local_data *data = file->data;
    enum bits_cause cause;

    if (!data_is_usable(data, file->epoch)) {
        return given_up(data, file->session, &file->stored, ret_fault);
    }
    if (lost_bytes(file)) {
        return give_up(file, ret_fault);
    }
    cause = reserve(file, bytes->size, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    *ret_error = os_bytes_write_at(bytes, data->fd, file->stored, ret_written);
    file->stored += *ret_written;
    data_note_stored(data, file->epoch, file->stored);
    if (*ret_written > 0) {
        promise_rest(file);
    }
    data->grown = true;
    return BITS_CAUSE_OK;
}

static enum bits_cause append(struct store_file *file, struct os_bytes bytes,
                              struct fault *ret_fault)
{
    struct local_data *data = file->data;
    enum bits_cause cause;
    size_t written = 0;
    int error = 0;

    if (bytes.size > file->fragment_end - file->stored) {
        return fail(data, EINVAL, "more bytes than begun:", ret_fault);
    }
    uv_mutex_lock(&data->write_mutex);
    cause = write_bytes(file, &bytes, &written, &error, ret_fault);
    uv_mutex_unlock(&data->write_mutex);
    if (written > 0) {
        note_growth(file);
    }
    return error ? fail(data, error, "cannot write", ret_fault) : cause;
}

enum store_when local_append(struct store_file *file, struct os_bytes bytes,
                             struct store_op *op)
{
    enum bits_cause cause = append(file, bytes, &op->fault);

    op->stored = file->stored;
    return local_answer(op, cause);
}

/* Returns false if the bytes have been given up. */
static bool end_fragment(struct store_file *file)
{
    struct local_data *data = file->data;
    bool usable;

    uv_mutex_lock(&data->write_mutex);
    usable = data_is_usable(data, file->epoch);
    data_give_back(data);
    uv_mutex_unlock(&data->write_mutex);
    file->fragment_end = file->stored;
    return usable;
}

/* deliver() makes the bytes durable, and its commit records the activity. */
void local_complete_file(struct store_file *file)
{
    (void)end_fragment(file);
}

void local_settle(struct store_file *file)
{
    if (!end_fragment(file) || file->stored == file->begun_at) {
        return;
    }
    note_activity(file);
    file->begun_at = file->stored;
    file->synced_at = file->stored;
    sync_later(file);
}

bool local_file_is_sound(const struct store_file *file)
{
    return !file->data->read_only && data_is_usable(file->data, file->epoch) &&
           os_is_linked(file->data->fd, file->stored);
}

bool local_is_saved(const struct store_place *place,
                    const struct store_file *file)
{
    return place->staging->instance ||
           (file && data_is_saved(file->data, file->epoch, file->stored));
}

/* After closing, no caller would receive an error of the write-back. */
static void sync_before_close(struct store_file *file)
{
    struct local_data *data = file->data;
    bool settled;

    uv_mutex_lock(&data->mutex);
    settled = data->settled;
    uv_mutex_unlock(&data->mutex);
    if (!settled && !data->read_only &&
        !data_is_saved(data, file->epoch, file->stored) &&
        os_is_linked(data->fd, file->stored)) {
        data_sync_later(data, file->epoch, file->stored);
    }
}

void local_file_close(struct store_file *file)
{
    if (!file) {
        return;
    }
    uv_mutex_lock(&file->data->write_mutex);
    data_give_back(file->data);
    uv_mutex_unlock(&file->data->write_mutex);
    sync_before_close(file);
    data_release(file->data);
    data_put(file->data);
    free(file);
}

/* --- save() -------------------------------------------------------------- */

struct save {
    struct data_saver saver;
    struct store_place *place;
    struct store_op *op;
};

static void saved(struct data_saver *saver, enum bits_cause cause,
                  const char *detail)
{
    struct save *save = CONTAINER_OF(saver, struct save, saver);
    struct store_place *place = save->place;

    local_complete(save->op, cause, detail);
    local_leave(place->store, place);
    free(save);
}

enum store_when local_save(struct store_file *file, struct store_op *op)
{
    struct store_place *place = file->data->place;
    struct save *save = malloc(sizeof(*save));

    if (!save) {
        return local_refuse(op);
    }
    *save = (struct save){
        .saver = {.done = saved, .epoch = file->epoch, .bytes = file->stored},
        .place = place,
        .op = op,
    };
    local_enter(place->store, place);
    if (data_save(file->data, &save->saver)) {
        return STORE_LATER;
    }
    local_leave(place->store, place);
    free(save);
    (void)fault_set(&op->fault, "the bytes were given up");
    return local_answer(op, BITS_CAUSE_IO_ERROR);
}
