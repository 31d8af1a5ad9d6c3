/*
 * store/local/age.c: the age of sessions, and when they expire.
 *
 * A server that was off for two weeks must not forget its clients before they
 * can send anything; neither must one whose wall clock was set wrong.  Sessions
 * therefore age by a clock of the index: the wall clock minus the time during
 * which no server ran, and minus changes of the clock by hand. active_at in a
 * row and ended_at in a marker are times of that clock.
 *
 * The index records the time every ten minutes, and at the end.  A start more
 * than ten minutes after the last record moves the clock back to that record.
 * A shorter gap counts, so that sessions expire even if the server is killed
 * again and again.
 */
#include "store/local/age.h"

#include "store/local/data.h"
#include "store/local/work.h"

/* Also the largest step of the wall clock, for example by NTP, that counts as
 * normal. */
#define RECORD_SECONDS ((int64_t)10 * 60)

static bool is_jump(int64_t seconds)
{
    return seconds > RECORD_SECONDS || seconds < -RECORD_SECONDS;
}

/* Reads the wall clock once for both offset and time, because it may jump
 * between two reads.  Under the mutex, so that no earlier reading is stored
 * after a later one. */
int64_t local_age_now(struct local_store *store)
{
    int64_t offset;
    int64_t wall;

    uv_mutex_lock(&store->mutex);
    wall = local_now(store);
    offset = wall - store->clock->running(store->clock->context);
    if (is_jump(offset - store->age.offset)) {
        store->age.moved += offset - store->age.offset;
    }
    store->age.offset = offset;
    wall -= store->age.moved;
    uv_mutex_unlock(&store->mutex);
    return wall;
}

static void record(struct local_store *store, struct database *database,
                   int64_t now)
{
    database_set_number(database, "alive_at", now);
    database_set_number(database, "moved_by", store->age.moved);
    store->age.recorded_at = now;
}

void local_age_record(struct local_store *store, struct database *database)
{
    int64_t now = local_age_now(store);

    if (now - store->age.recorded_at >= RECORD_SECONDS) {
        record(store, database, now);
    }
}

struct age_job {
    struct index_job job;
    struct local_store *store;
};

static enum bits_cause run_start(struct index_job *job,
                                 struct database *database)
{
    struct local_store *store = CONTAINER_OF(job, struct age_job, job)->store;
    int64_t alive_at;
    int64_t gap;

    store->age.offset =
        local_now(store) - store->clock->running(store->clock->context);
    store->age.moved = database_get_number(database, "moved_by", 0);
    alive_at = database_get_number(database, "alive_at", local_age_now(store));
    gap = local_age_now(store) - alive_at;
    if (is_jump(gap)) {
        store->age.moved += gap;
    }
    record(store, database, local_age_now(store));
    return BITS_CAUSE_OK;
}

static enum bits_cause run_end(struct index_job *job, struct database *database)
{
    struct local_store *store = CONTAINER_OF(job, struct age_job, job)->store;

    record(store, database, local_age_now(store));
    return BITS_CAUSE_OK;
}

bool local_age_start(struct local_store *store, struct fault *ret_fault)
{
    struct age_job job = {.job = {.need = DATABASE_WRITE, .run = run_start},
                          .store = store};

    return index_run(store->index, &job.job, ret_fault) == BITS_CAUSE_OK;
}

void local_age_end(struct local_store *store)
{
    struct age_job job = {.job = {.need = DATABASE_WRITE, .run = run_end},
                          .store = store};
    struct fault fault;

    /* Without the record sessions live ten minutes longer. */
    (void)index_run(store->index, &job.job, &fault);
}

int64_t local_lifetime(const struct local_rules *rules, enum row_bytes bytes)
{
    uint64_t timeout = bytes == ROW_WITHOUT_BYTES
                           ? rules->section.empty_session_timeout
                           : rules->section.session_timeout;

    /* The row's active_at may be up to an eighth of the time-out old. */
    if (__builtin_add_overflow(timeout, timeout / 8, &timeout) ||
        timeout > INT64_MAX / 2) {
        return INT64_MAX / 2;
    }
    return (int64_t)timeout;
}

bool local_is_over(struct local_store *store, const struct local_rules *rules,
                   const struct store_session *session)
{
    bool empty = session->state == STORE_RECEIVING && !session->stored_any;

    return store_is_live(session->state) &&
           local_age_now(store) - session->active_at >=
               local_lifetime(rules,
                              empty ? ROW_WITHOUT_BYTES : ROW_WITH_BYTES) &&
           !data_is_held(store, &session->id);
}
