/*
 * store/local/data.c: see data.h.
 */
#include "store/local/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/smaller.h"
#include "os/file.h"
#include "store/local/staging.h"
#include "store/local/work.h"

static struct local_data **bucket_of(struct local_store *store,
                                     const struct bits_guid *id)
{
    /* The last bytes of an id are random. */
    size_t at = (size_t)id->bytes[15] | (size_t)id->bytes[14] << 8;

    return &store->data[at % LOCAL_DATA_BUCKETS];
}

static struct local_data *look_up(struct local_store *store,
                                  const struct bits_guid *id)
{
    struct local_data *data = *bucket_of(store, id);

    while (data && !bits_guid_equal(&data->id, id)) {
        data = data->next;
    }
    return data;
}

static bool init_mutexes(struct local_data *data)
{
    if (uv_mutex_init(&data->sync_mutex) != 0) {
        return false;
    }
    if (uv_mutex_init(&data->write_mutex) != 0) {
        uv_mutex_destroy(&data->sync_mutex);
        return false;
    }
    if (uv_mutex_init(&data->mutex) != 0) {
        uv_mutex_destroy(&data->write_mutex);
        uv_mutex_destroy(&data->sync_mutex);
        return false;
    }
    return true;
}

static struct local_data *data_new(struct store_place *place,
                                   const struct store_session *session)
{
    struct local_data *data = calloc(1, sizeof(*data));

    if (!data) {
        return NULL;
    }
    if (!init_mutexes(data)) {
        free(data);
        return NULL;
    }
    data->id = session->id;
    local_enter(place->store, place);
    data->place = place;
    data->epoch = local_tail_const(session)->epoch;
    data->refs = 1;
    data->fd = -1;
    return data;
}

static void data_free(struct local_data *data)
{
    struct store_place *place = data->place;

    if (data->fd >= 0) {
        (void)close(data->fd);
    }
    uv_mutex_destroy(&data->mutex);
    uv_mutex_destroy(&data->write_mutex);
    uv_mutex_destroy(&data->sync_mutex);
    free(data);
    local_leave(place->store, place);
}

/* Stores the identity of the file.  Returns 0 or an errno value. */
static int identify(struct local_data *data, int fd)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return errno;
    }
    uv_mutex_lock(&data->mutex);
    data->device = info.st_dev;
    data->inode = info.st_ino;
    uv_mutex_unlock(&data->mutex);
    return 0;
}

bool data_is_replaced(struct local_data *data)
{
    char name[LOCAL_STAGED_NAME_SIZE];
    struct stat info;

    if (data->foreign) {
        return true;
    }
    local_staged_name(&data->id, name);
    return data->fd >= 0 && data->place->staging->instance &&
           fstatat(data->place->staging->fd, name, &info,
                   AT_SYMLINK_NOFOLLOW) == 0 &&
           info.st_ino != data->inode;
}

void data_name_file(struct local_data *data, struct store_session *session)
{
    uv_mutex_lock(&data->mutex);
    local_tail(session)->staged_device = data->device;
    local_tail(session)->staged_inode = data->inode;
    uv_mutex_unlock(&data->mutex);
}

void data_forget_name(struct store_session *session)
{
    local_tail(session)->staged_device = 0;
    local_tail(session)->staged_inode = 0;
}

/* If the file system never changes the inode of a file, a row that names an
 * inode means that file only. */
static bool is_foreign(const struct local_data *data,
                       const struct store_session *session)
{
    return data->place->staging->instance &&
           local_tail_const(session)->staged_inode &&
           local_tail_const(session)->staged_inode != data->inode;
}

/* Opens the session's file if it exists. */
static int open_existing(struct local_data *data)
{
    int fd = local_open_staged(data->place->staging, &data->id, O_RDWR);

    if (fd < 0 && errno == EROFS) {
        data->read_only = true;
        fd = local_open_staged(data->place->staging, &data->id, O_RDONLY);
    }
    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    data->fd = fd;
    /* An earlier process may have reserved space. */
    data->reserved = true;
    data->grown = true;
    return 0;
}

/* Cuts off what follows a hole, because the length counts when this process
 * opens the file again. */
static int measure_and_cut(const struct local_data *data, uint64_t synced,
                           uint64_t *ret_bytes)
{
    int error = os_measure(data->fd, synced, ret_bytes);

    if (error || data->read_only) {
        return error;
    }
    return os_truncate(data->fd, *ret_bytes);
}

/* How many bytes of a newly opened file count:
 *
 *   - This process closed it: all of it, made durable before.
 *   - The file system was mounted all the time: what the page cache has kept; a
 *     failed write-back shows as a hole.
 *   - Otherwise: the durable bytes of the row. find() has already cut the
 * rest. */
static int measure(struct local_data *data, const struct store_session *session)
{
    int64_t instance = data->place->staging->instance;
    uint64_t bytes = 0;
    int error = 0;

    if (data->fd < 0) {
        return 0;
    }
    error = identify(data, data->fd);
    data->foreign = !error && (data->replaces || is_foreign(data, session));
    if (error || data->foreign) {
        return error;
    }
    if (!local_tail_const(session)->held && instance &&
        local_tail_const(session)->instance == instance) {
        error =
            measure_and_cut(data, local_tail_const(session)->synced, &bytes);
    } else {
        error = os_file_length(data->fd, &bytes);
        bytes = local_tail_const(session)->held
                    ? bytes
                    : smaller(bytes, local_tail_const(session)->synced);
    }
    if (session->total_known) {
        bytes = smaller(bytes, session->total);
    }
    if (!error && bytes >= local_tail_const(session)->synced) {
        uv_mutex_lock(&data->mutex);
        data->stored = bytes;
        data->saved = local_tail_const(session)->synced;
        uv_mutex_unlock(&data->mutex);
    }
    return error;
}

/* The first caller measures, without the lock of all data files. */
static int look_at(struct local_data *data, const struct store_session *session)
{
    int error = 0;

    uv_mutex_lock(&data->write_mutex);
    if (!data->measured) {
        error = measure(data, session);
        data->measured = !error;
    }
    uv_mutex_unlock(&data->write_mutex);
    return error;
}

/* Opens the file if it is not open yet.  The caller holds data_mutex. */
static int open_data(struct store_place *place,
                     const struct store_session *session,
                     struct local_data **ret_data)
{
    struct local_data **bucket = bucket_of(place->store, &session->id);
    struct local_data *data = data_new(place, session);
    int error;

    if (!data) {
        return ENOMEM;
    }
    error = open_existing(data);
    if (error) {
        data_free(data);
        return error;
    }
    data->next = *bucket;
    *bucket = data;
    *ret_data = data;
    return 0;
}

/* Removes it from the table.  The caller holds data_mutex. */
static void take_out(struct local_store *store, struct local_data *data)
{
    struct local_data **link = bucket_of(store, &data->id);

    data->abandoned = true;
    while (*link && *link != data) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = data->next;
    }
}

/* Returns true if the file was removed from outside.  The caller holds
 * data_mutex. */
static bool is_removed(const struct local_data *data)
{
    struct stat info;

    return data->fd >= 0 && fstat(data->fd, &info) == 0 && info.st_nlink == 0;
}

uv_mutex_t *data_opening(struct local_store *store, const struct bits_guid *id)
{
    return &store->opening[id->bytes[15] % LOCAL_OPENINGS];
}

bool data_is_abandoned(struct local_data *data)
{
    struct local_store *store = data->place->store;
    bool abandoned;

    uv_mutex_lock(&store->data_mutex);
    abandoned = data->abandoned;
    uv_mutex_unlock(&store->data_mutex);
    return abandoned;
}

static void abandon(struct local_data *data)
{
    struct local_store *store = data->place->store;

    uv_mutex_lock(&store->data_mutex);
    take_out(store, data);
    uv_mutex_unlock(&store->data_mutex);
}

int data_drop_name(struct local_data *data)
{
    struct store_place *place = data->place;
    uv_mutex_t *opening = data_opening(place->store, &data->id);
    char name[LOCAL_STAGED_NAME_SIZE];
    int error = 0;

    local_staged_name(&data->id, name);
    uv_mutex_lock(opening);
    if (!data_is_abandoned(data)) {
        if (unlinkat(place->staging->fd, name, 0) != 0 && errno != ENOENT) {
            error = errno;
        } else {
            abandon(data);
        }
    }
    uv_mutex_unlock(opening);
    return error;
}

int data_get(struct store_place *place, struct store_session *session,
             struct local_data **ret_data)
{
    struct local_store *store = place->store;
    uv_mutex_t *opening = data_opening(store, &session->id);
    struct local_data *data;
    int error = 0;

    uv_mutex_lock(opening);
    uv_mutex_lock(&store->data_mutex);
    data = look_up(store, &session->id);
    if (data && !is_removed(data)) {
        data->refs++;
        *ret_data = data;
    } else {
        error = open_data(place, session, ret_data);
        if (data && !error) {
            /* The open file was removed; a file with its name is another
             * one. */
            take_out(store, data);
            (*ret_data)->replaces = true;
        }
    }
    uv_mutex_unlock(&store->data_mutex);
    uv_mutex_unlock(opening);
    if (!error) {
        error = look_at(*ret_data, session);
        if (error) {
            data_put(*ret_data);
            *ret_data = NULL;
        }
    }
    local_tail(session)->held |= !error && !(*ret_data)->read_only;
    return error;
}

bool data_is_open(struct local_store *store, const struct bits_guid *id)
{
    const struct local_data *data;
    bool open;

    uv_mutex_lock(&store->data_mutex);
    data = look_up(store, id);
    open = data && !is_removed(data);
    uv_mutex_unlock(&store->data_mutex);
    return open;
}

int data_create(struct local_data *data)
{
    struct local_store *store = data->place->store;
    int fd =
        local_open_staged(data->place->staging, &data->id, O_RDWR | O_CREAT);
    int error;

    if (fd < 0) {
        return errno;
    }
    error = identify(data, fd);
    if (error) {
        (void)close(fd);
        return error;
    }
    uv_mutex_lock(&store->data_mutex);
    data->fd = fd;
    uv_mutex_unlock(&store->data_mutex);
    return 0;
}

void data_ref(struct local_data *data)
{
    struct local_store *store = data->place->store;

    uv_mutex_lock(&store->data_mutex);
    data->refs++;
    uv_mutex_unlock(&store->data_mutex);
}

void data_put(struct local_data *data)
{
    struct local_store *store = data->place->store;
    bool last;

    uv_mutex_lock(&store->data_mutex);
    last = --data->refs == 0;
    if (last) {
        take_out(store, data);
    }
    uv_mutex_unlock(&store->data_mutex);
    if (last) {
        data_free(data);
    }
}

bool data_is_usable(struct local_data *data, int64_t epoch)
{
    bool usable;

    uv_mutex_lock(&data->mutex);
    usable = !data->spoilt && data->epoch == epoch;
    uv_mutex_unlock(&data->mutex);
    return usable;
}

void data_hold(struct local_data *data)
{
    uv_mutex_lock(&data->place->store->data_mutex);
    data->handles++;
    uv_mutex_unlock(&data->place->store->data_mutex);
}

void data_release(struct local_data *data)
{
    uv_mutex_lock(&data->place->store->data_mutex);
    data->handles--;
    uv_mutex_unlock(&data->place->store->data_mutex);
}

bool data_is_held(struct local_store *store, const struct bits_guid *id)
{
    const struct local_data *data;
    bool held;

    uv_mutex_lock(&store->data_mutex);
    data = look_up(store, id);
    held = data && data->handles > 0;
    uv_mutex_unlock(&store->data_mutex);
    return held;
}

/* --- what is stored ------------------------------------------------------ */

void data_note_stored(struct local_data *data, int64_t epoch, uint64_t stored)
{
    uv_mutex_lock(&data->mutex);
    if (data->epoch == epoch) {
        data->stored = stored;
    }
    uv_mutex_unlock(&data->mutex);
}

uint64_t data_stored(struct local_data *data, int64_t *ret_epoch)
{
    uint64_t stored;

    uv_mutex_lock(&data->mutex);
    stored = data->stored;
    *ret_epoch = data->epoch;
    uv_mutex_unlock(&data->mutex);
    return stored;
}
