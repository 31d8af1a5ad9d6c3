/*
 * store/local/stalled.c: releases space that fragments reserved and do not use.
 *
 * Reserving helps while bytes arrive.  A stalled fragment would only keep the
 * space from others.
 */
#include <stdlib.h>

#include "os/file.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/space.h"
#include "store/local/work.h"

/* Returns false if the file must not be cut at its end: it was cut from
 * outside, or may be at its destination. */
static bool may_cut(struct local_data *data)
{
    uint64_t length = 0;
    bool may;

    if (data->fd < 0 || data->read_only ||
        os_file_length(data->fd, &length) != 0) {
        return false;
    }
    uv_mutex_lock(&data->mutex);
    may = !data->spoilt && !data->settled && length == data->stored;
    uv_mutex_unlock(&data->mutex);
    return may;
}

/* Trims to the end of the file even if nothing was reserved: XFS itself
 * reserves space after the end of a file, and keeps it after the last close
 * once fallocate was used.  Tries once after each growth, since blocks that
 * hold no bytes, such as a list of extents, cannot be told apart. */
void data_give_back(struct local_data *data)
{
    space_promise(data->place->staging->volume, &data->promised, 0);
    if (data->reserved && data->grown && may_cut(data)) {
        /* If it fails, the space is held until the session ends. */
        (void)os_trim(data->fd);
    }
    data->grown = false;
    data->reserved_end = 0;
}

static void look(struct local_data *data)
{
    int64_t epoch;
    uint64_t stored;

    uv_mutex_lock(&data->write_mutex);
    stored = data_stored(data, &epoch);
    if (stored == data->looked_at) {
        data_give_back(data);
    }
    data->looked_at = stored;
    uv_mutex_unlock(&data->write_mutex);
}

/* The files that a handle may write to, with a reference each. */
static struct local_data *collect(struct local_store *store)
{
    struct local_data *first = NULL;

    uv_mutex_lock(&store->data_mutex);
    for (size_t i = 0; i < LOCAL_DATA_BUCKETS; i++) {
        for (struct local_data *data = store->data[i]; data;
             data = data->next) {
            if (data->handles > 0) {
                data->refs++;
                data->stalled_next = first;
                first = data;
            }
        }
    }
    uv_mutex_unlock(&store->data_mutex);
    return first;
}

static void look_at_all(struct worker_job *job)
{
    struct local_call *call = CONTAINER_OF(job, struct local_call, work);
    struct local_data *next;

    for (struct local_data *data = collect(call->store); data; data = next) {
        next = data->stalled_next;
        look(data);
        data_put(data);
    }
    local_call_end(call, BITS_CAUSE_OK, NULL);
}

enum store_when local_give_back_stalled(struct store *store,
                                        struct store_op *op)
{
    struct local_call *call = malloc(sizeof(*call));

    if (!call) {
        return local_refuse(op);
    }
    *call = (struct local_call){
        .work = {.run = look_at_all}, .store = local_of(store), .op = op};
    return local_call_work(call);
}
