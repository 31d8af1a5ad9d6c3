/*
 * upload/active.c: see active.h.
 */
#include "upload/active.h"

#include <stdlib.h>
#include <string.h>

#include "upload/places.h"

int active_table_init(struct active_table *table)
{
    int r;

    memset(table, 0, sizeof(*table));
    r = uv_mutex_init(&table->mutex);
    if (r < 0) {
        return r;
    }
    r = uv_cond_init(&table->empty);
    if (r < 0) {
        uv_mutex_destroy(&table->mutex);
    }
    return r;
}

void active_table_done(struct active_table *table)
{
    uv_mutex_lock(&table->mutex);
    while (table->count > 0) {
        uv_cond_wait(&table->empty, &table->mutex);
    }
    uv_mutex_unlock(&table->mutex);
    uv_cond_destroy(&table->empty);
    uv_mutex_destroy(&table->mutex);
}

/* The end of an id is random. */
static struct upload_active **bucket_of(struct active_table *table,
                                        const struct bits_guid *id)
{
    size_t index = (size_t)id->bytes[14] << 8 | id->bytes[15];

    return &table->buckets[index % ACTIVE_BUCKETS];
}

static struct upload_active *active_new(struct upload_service *service,
                                        const struct bits_guid *id)
{
    struct upload_active *active = calloc(1, sizeof(*active));

    if (!active) {
        return NULL;
    }
    if (uv_mutex_init(&active->mutex) < 0) {
        free(active);
        return NULL;
    }
    active->id = *id;
    active->refs = 1;
    active->service = service;
    active->phase = ACTIVE_LOADING;
    active->row_cause = BITS_SESSION_UNKNOWN;
    return active;
}

static void active_free(struct upload_active *active)
{
    active_forget_file(active);
    store_session_done(&active->row);
    upload_place_unref(active->place);
    uv_mutex_destroy(&active->mutex);
    free(active);
}

struct upload_active *active_acquire(struct active_table *table,
                                     struct upload_service *service,
                                     const struct bits_guid *id, bool *ret_new)
{
    struct upload_active **bucket = bucket_of(table, id);
    struct upload_active *active;

    uv_mutex_lock(&table->mutex);
    for (active = *bucket; active; active = active->next) {
        if (bits_guid_equal(&active->id, id)) {
            active->refs++;
            uv_mutex_unlock(&table->mutex);
            *ret_new = false;
            return active;
        }
    }
    active = active_new(service, id);
    if (active) {
        active->next = *bucket;
        *bucket = active;
        table->count++;
        *ret_new = true;
    }
    uv_mutex_unlock(&table->mutex);
    return active;
}

void active_ref(struct active_table *table, struct upload_active *active)
{
    uv_mutex_lock(&table->mutex);
    active->refs++;
    uv_mutex_unlock(&table->mutex);
}

static void unlink_from(struct upload_active **bucket,
                        struct upload_active *active)
{
    while (*bucket != active) {
        bucket = &(*bucket)->next;
    }
    *bucket = active->next;
}

void active_release(struct active_table *table, struct upload_active *active)
{
    bool last;

    uv_mutex_lock(&table->mutex);
    last = --active->refs == 0;
    if (last) {
        unlink_from(bucket_of(table, &active->id), active);
    }
    uv_mutex_unlock(&table->mutex);
    if (!last) {
        return;
    }
    active_free(active);
    uv_mutex_lock(&table->mutex);
    if (--table->count == 0) {
        uv_cond_signal(&table->empty);
    }
    uv_mutex_unlock(&table->mutex);
}

void active_forget_file(struct upload_active *active)
{
    if (active->file) {
        active->place->store->ops->file_close(active->file);
    }
    active->file = NULL;
    active->measured = false;
}

void active_wait(struct active_waiters *waiters, struct upload_request *request)
{
    request->next = NULL;
    if (waiters->last) {
        waiters->last->next = request;
    } else {
        waiters->first = request;
    }
    waiters->last = request;
    waiters->count++;
}

struct upload_request *active_next_waiter(struct active_waiters *waiters)
{
    struct upload_request *request = waiters->first;

    if (request) {
        active_stop_waiting(waiters, request);
    }
    return request;
}

void active_stop_waiting(struct active_waiters *waiters,
                         struct upload_request *request)
{
    struct upload_request *before = NULL;

    for (struct upload_request *r = waiters->first; r; r = r->next) {
        if (r != request) {
            before = r;
            continue;
        }
        if (before) {
            before->next = r->next;
        } else {
            waiters->first = r->next;
        }
        if (waiters->last == r) {
            waiters->last = before;
        }
        r->next = NULL;
        waiters->count--;
        return;
    }
}
