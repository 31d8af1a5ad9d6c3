/*
 * upload/active.c: see active.h.
 */
#include "upload/active.h"

#include <stdlib.h>
#include <string.h>

#include "upload/service.h"

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
    active->row_cause = BITS_CAUSE_SESSION_UNKNOWN;
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

static void unlink_from(struct upload_active **bucket,
                        struct upload_active *active)
{
    while (*bucket != active) {
        bucket = &(*bucket)->next;
    }
    *bucket = active->next;
}

enum bits_cause active_away(const struct upload_active *active)
{
    return active->place ? upload_place_state(active->place) : BITS_CAUSE_OK;
}

/* --- the warm ones; the table's mutex is held ---------------------------- */

/* The store may delete the row meanwhile to make room for another session.  The
 * commit before the next answer detects that. */
static bool may_stay_warm(const struct upload_active *active)
{
    return active->phase == ACTIVE_READY &&
           active->row_cause == BITS_CAUSE_OK &&
           active_away(active) == BITS_CAUSE_OK && active->learning == LEARNT &&
           (active->row.state == STORE_DONE ||
            (active->row.state == STORE_RECEIVING &&
             (active->measured || !active->row.stored_any)));
}

static void warm_add(struct active_table *table, struct upload_active *active)
{
    active->age = 0;
    active->was_warm = true;
    active->warmer = NULL;
    active->cooler = table->warmest;
    if (table->warmest) {
        table->warmest->warmer = active;
    } else {
        table->coolest = active;
    }
    table->warmest = active;
    table->warm++;
}

static void warm_remove(struct active_table *table,
                        struct upload_active *active)
{
    if (active->cooler) {
        active->cooler->warmer = active->warmer;
    } else {
        table->coolest = active->warmer;
    }
    if (active->warmer) {
        active->warmer->cooler = active->cooler;
    } else {
        table->warmest = active->cooler;
    }
    table->warm--;
}

/* Removes the coolest session from the table; the caller frees it. */
static struct upload_active *take_coolest(struct active_table *table)
{
    struct upload_active *active = table->coolest;

    warm_remove(table, active);
    unlink_from(bucket_of(table, &active->id), active);
    return active;
}

/* --- references ---------------------------------------------------------- */

static struct upload_active *look_up(struct active_table *table,
                                     const struct bits_guid *id)
{
    struct upload_active *active = *bucket_of(table, id);

    while (active && !bits_guid_equal(&active->id, id)) {
        active = active->next;
    }
    return active;
}

struct upload_active *active_acquire(struct active_table *table,
                                     struct upload_service *service,
                                     const struct bits_guid *id, bool *ret_new)
{
    struct upload_active **bucket = bucket_of(table, id);
    struct upload_active *active;

    uv_mutex_lock(&table->mutex);
    active = look_up(table, id);
    *ret_new = false;
    if (active && active->refs++ == 0) {
        warm_remove(table, active);
    } else if (!active) {
        active = active_new(service, id);
        if (active) {
            active->next = *bucket;
            *bucket = active;
            table->count++;
            *ret_new = true;
        }
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

/* The session is no longer in the table. */
static void leave(struct active_table *table, struct upload_active *active)
{
    active_free(active);
    uv_mutex_lock(&table->mutex);
    if (--table->count == 0) {
        uv_cond_signal(&table->empty);
    }
    uv_mutex_unlock(&table->mutex);
}

void active_release(struct active_table *table, struct upload_active *active)
{
    struct upload_active *leaver = NULL;

    uv_mutex_lock(&table->mutex);
    if (--active->refs == 0) {
        if (table->closing || !may_stay_warm(active)) {
            unlink_from(bucket_of(table, &active->id), active);
            leaver = active;
        } else {
            warm_add(table, active);
            leaver = table->warm > ACTIVE_WARM_MAX ? take_coolest(table) : NULL;
        }
    }
    uv_mutex_unlock(&table->mutex);
    if (leaver) {
        leave(table, leaver);
    }
}

void active_table_drop(struct active_table *table, const struct bits_guid *id)
{
    struct upload_active *active;

    uv_mutex_lock(&table->mutex);
    active = look_up(table, id);
    if (active && active->refs == 0) {
        warm_remove(table, active);
        unlink_from(bucket_of(table, id), active);
    } else {
        active = NULL;
    }
    uv_mutex_unlock(&table->mutex);
    if (active) {
        leave(table, active);
    }
}

/* The coolest sessions have been warm for longest. */
void active_table_cool(struct active_table *table, unsigned age)
{
    struct upload_active *active;

    uv_mutex_lock(&table->mutex);
    for (active = table->coolest; active; active = active->warmer) {
        active->age++;
    }
    while (table->coolest && table->coolest->age > age) {
        active = take_coolest(table);
        uv_mutex_unlock(&table->mutex);
        leave(table, active);
        uv_mutex_lock(&table->mutex);
    }
    uv_mutex_unlock(&table->mutex);
}

void active_table_wait(struct active_table *table)
{
    uv_mutex_lock(&table->mutex);
    table->closing = true;
    uv_mutex_unlock(&table->mutex);
    active_table_cool(table, 0);
    uv_mutex_lock(&table->mutex);
    while (table->count > 0) {
        uv_cond_wait(&table->empty, &table->mutex);
    }
    uv_mutex_unlock(&table->mutex);
}

void active_table_done(struct active_table *table)
{
    uv_cond_destroy(&table->empty);
    uv_mutex_destroy(&table->mutex);
}

size_t active_table_borrow(struct active_table *table,
                           struct upload_active **ret_sessions, size_t max)
{
    size_t count = 0;

    uv_mutex_lock(&table->mutex);
    for (size_t i = 0; i < ACTIVE_BUCKETS; i++) {
        struct upload_active *active = table->buckets[i];

        for (; active && count < max; active = active->next) {
            if (active->refs > 0) {
                active->refs++;
                ret_sessions[count++] = active;
            }
        }
    }
    uv_mutex_unlock(&table->mutex);
    return count;
}

/* --- answers that came at once ------------------------------------------- */

void active_called(struct upload_active *active, struct store_op *op,
                   enum store_when when)
{
    struct store_op **link = &active->answered;

    if (when == STORE_LATER) {
        return;
    }
    while (*link) {
        link = &(*link)->next;
    }
    op->next = NULL;
    *link = op;
}

/* Each call holds a reference, which its done() gives back: the session lives
 * until the last done(). */
void active_unlock(struct upload_active *active)
{
    struct store_op *op = active->answered;
    struct store_op *next;

    active->answered = NULL;
    uv_mutex_unlock(&active->mutex);
    for (; op; op = next) {
        next = op->next;
        op->done(op);
    }
}

/* --- what a session has -------------------------------------------------- */

bool active_is_stale(struct upload_active *active)
{
    const struct store_ops *ops = active->file ? ops_of(active) : NULL;
    bool stale = active->was_warm && ops && ops->file_is_sound &&
                 !ops->file_is_sound(active->file);

    active->was_warm = false;
    return stale;
}

void active_heed(struct upload_active *active, enum bits_cause cause)
{
    if (cause == CAUSE_FENCED) {
        active->row_cause = cause;
    }
}

void active_forget_file(struct upload_active *active)
{
    if (active->file) {
        ops_of(active)->file_close(active->file);
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
