/*
 * store/local/data.c: see data.h.
 */
#include "store/local/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct local_data **bucket_of(struct local_store *store,
                                     const struct bits_guid *id)
{
    /* The end of an id is random. */
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

static int open_staged(struct store_place *place, const struct bits_guid *id,
                       int flags)
{
    char name[LOCAL_STAGED_NAME_SIZE];

    local_staged_name(id, name);
    return openat(place->staging->fd, name, O_CLOEXEC | O_NOFOLLOW | flags,
                  0600);
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
                                   const struct bits_guid *id, int64_t epoch)
{
    struct local_data *data = calloc(1, sizeof(*data));

    if (!data) {
        return NULL;
    }
    if (!init_mutexes(data)) {
        free(data);
        return NULL;
    }
    data->id = *id;
    local_enter(place->store, place);
    data->place = place;
    data->epoch = epoch;
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

/* 0 or an errno value; the caller closes fd after a failure. */
static int adopt(struct local_data *data, int fd)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return errno;
    }
    uv_mutex_lock(&data->mutex);
    data->fd = fd;
    data->device = info.st_dev;
    data->inode = info.st_ino;
    uv_mutex_unlock(&data->mutex);
    return 0;
}

void data_name_file(struct local_data *data, struct store_session *session)
{
    uv_mutex_lock(&data->mutex);
    session->staged_device = data->device;
    session->staged_inode = data->inode;
    uv_mutex_unlock(&data->mutex);
}

/* Opens the session's file if there is one. */
static int open_existing(struct local_data *data)
{
    int fd = open_staged(data->place, &data->id, O_RDWR);
    int error;

    if (fd < 0 && errno == EROFS) {
        data->read_only = true;
        fd = open_staged(data->place, &data->id, O_RDONLY);
    }
    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    error = adopt(data, fd);
    if (error) {
        (void)close(fd);
    }
    return error;
}

/* Opens what is not open yet; the caller holds data_mutex. */
static int open_data(struct store_place *place, const struct bits_guid *id,
                     int64_t epoch, struct local_data **ret_data)
{
    struct local_data **bucket = bucket_of(place->store, id);
    struct local_data *data = data_new(place, id, epoch);
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

int data_get(struct store_place *place, const struct bits_guid *id,
             int64_t epoch, struct local_data **ret_data)
{
    struct local_store *store = place->store;
    struct local_data *data;
    int error = 0;

    uv_mutex_lock(&store->data_mutex);
    data = look_up(store, id);
    if (data) {
        data->refs++;
        *ret_data = data;
    } else {
        error = open_data(place, id, epoch, ret_data);
    }
    uv_mutex_unlock(&store->data_mutex);
    return error;
}

int data_create(struct local_data *data)
{
    int fd = open_staged(data->place, &data->id, O_RDWR | O_CREAT);

    int error;

    if (fd < 0) {
        return errno;
    }
    error = adopt(data, fd);
    if (error) {
        (void)close(fd);
    }
    return error;
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
    struct local_data **link;
    bool last;

    uv_mutex_lock(&store->data_mutex);
    last = --data->refs == 0;
    if (last) {
        link = bucket_of(store, &data->id);
        while (*link != data) {
            link = &(*link)->next;
        }
        *link = data->next;
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

int64_t data_epoch(struct local_data *data)
{
    int64_t epoch;

    uv_mutex_lock(&data->mutex);
    epoch = data->epoch;
    uv_mutex_unlock(&data->mutex);
    return epoch;
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

/* --- what was stored --- */

static struct local_memory *memory_of(struct local_data *data)
{
    const uint8_t *id = data->id.bytes;
    size_t slot = ((size_t)id[12] << 8 | id[13]) % LOCAL_MEMORIES;

    return &data->place->store->memories[slot];
}

void data_remember(struct local_data *data, int64_t epoch, uint64_t stored)
{
    struct local_store *store = data->place->store;

    uv_mutex_lock(&store->data_mutex);
    *memory_of(data) =
        (struct local_memory){.id = data->id, .epoch = epoch, .stored = stored};
    uv_mutex_unlock(&store->data_mutex);
}

uint64_t data_recall(struct local_data *data, int64_t epoch)
{
    struct local_store *store = data->place->store;
    struct local_memory memory;

    uv_mutex_lock(&store->data_mutex);
    memory = *memory_of(data);
    uv_mutex_unlock(&store->data_mutex);
    return memory.epoch == epoch && bits_guid_equal(&memory.id, &data->id)
               ? memory.stored
               : 0;
}
