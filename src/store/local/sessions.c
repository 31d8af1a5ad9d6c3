/*
 * store/local/sessions.c: calls that only write, count and list rows.
 */
#include "store/local/sessions.h"

#include <stdlib.h>

#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/rows.h"
#include "store/local/rules.h"
#include "store/local/work.h"

/* --- learn --------------------------------------------------------------- */

struct learn {
    struct index_job job;
    struct store_place *place;
    struct store_session lesson; /* for rows_learn() */
    struct store_op *op;
};

static enum bits_cause run_learn(struct index_job *job,
                                 struct database *database)
{
    struct learn *learn = CONTAINER_OF(job, struct learn, job);

    return rows_learn(database, &learn->lesson) ? BITS_CAUSE_OK
                                                : BITS_CAUSE_SESSION_UNKNOWN;
}

static void learn_done(struct index_job *job)
{
    struct learn *learn = CONTAINER_OF(job, struct learn, job);
    struct store_place *place = learn->place;

    local_complete(learn->op, job->cause, job->detail);
    local_leave(place->store, place);
    free(learn);
}

enum store_when local_learn(struct store_place *place,
                            const struct store_session *session,
                            struct store_op *op)
{
    struct learn *learn = malloc(sizeof(*learn));

    if (!learn) {
        return local_refuse(op);
    }
    /* Durable: after a power cut a Close would otherwise take a session whose
     * Fragment was forgotten for an empty file. */
    *learn = (struct learn){
        .job = {.need = local_need(place),
                .run = run_learn,
                .done = learn_done},
        .place = place,
        .lesson = {.id = session->id,
                   .fragment_seen = session->fragment_seen,
                   .total_known = session->total_known,
                   .total = session->total,
                   .stored_any = session->stored_any,
                   .tail = session->tail},
        .op = op,
    };
    local_enter(place->store, place);
    index_submit(place->store->index, &learn->job);
    return STORE_LATER;
}

/* --- record -------------------------------------------------------------- */

struct record {
    struct index_job job;
    struct store_place *place;
    struct bits_guid id;
    struct bits_outcome outcome;
    struct store_op *op;
};

static enum bits_cause run_record(struct index_job *job,
                                  struct database *database)
{
    struct record *record = CONTAINER_OF(job, struct record, job);

    return rows_record(database, &record->id, &record->outcome)
               ? BITS_CAUSE_OK
               : BITS_CAUSE_SESSION_UNKNOWN;
}

static void record_done(struct index_job *job)
{
    struct record *record = CONTAINER_OF(job, struct record, job);
    struct store_place *place = record->place;

    local_complete(record->op, job->cause, job->detail);
    local_leave(place->store, place);
    free(record);
}

enum store_when local_record(struct store_place *place,
                             const struct store_session *session,
                             const struct bits_outcome *outcome,
                             struct store_op *op)
{
    struct record *record = malloc(sizeof(*record));

    if (!record) {
        return local_refuse(op);
    }
    *record = (struct record){
        .job = {.need = local_need(place),
                .run = run_record,
                .done = record_done},
        .place = place,
        .id = session->id,
        .outcome = *outcome,
        .op = op,
    };
    local_enter(place->store, place);
    index_submit(place->store->index, &record->job);
    return STORE_LATER;
}

/* --- touch --------------------------------------------------------------- */

struct touch {
    struct index_job job;
    struct store_place *place;
    struct row_touch row;
};

static enum bits_cause run_touch(struct index_job *job,
                                 struct database *database)
{
    struct touch *touch = CONTAINER_OF(job, struct touch, job);

    (void)rows_touch(database, &touch->row);
    return BITS_CAUSE_OK;
}

static void touch_done(struct index_job *job)
{
    struct touch *touch = CONTAINER_OF(job, struct touch, job);
    struct store_place *place = touch->place;

    if (job->cause != BITS_CAUSE_OK) {
        local_trouble(place->store, job->cause, job->detail);
    }
    local_leave(place->store, place);
    free(touch);
}

void local_note_activity(struct store_place *place,
                         struct store_session *session)
{
    struct touch *touch = malloc(sizeof(*touch));

    if (!touch) {
        return; /* the next packet retries */
    }
    session->active_at = local_age_now(place->store);
    *touch = (struct touch){
        .job = {.need = DATABASE_WRITE, .run = run_touch, .done = touch_done},
        .place = place,
        .row = {session->id, session->active_at, session->stored_any},
    };
    local_enter(place->store, place);
    index_submit(place->store->index, &touch->job);
}

void local_touch(struct store_place *place, struct store_session *session)
{
    struct local_rules rules = local_rules_of(place);
    bool empty = session->state == STORE_RECEIVING && !session->stored_any;
    uint64_t timeout = empty ? rules.section.empty_session_timeout
                             : rules.section.session_timeout;
    int64_t age = local_age_now(place->store) - session->active_at;

    /* A time in the future: the clock was set back a little. */
    if (age < 0 || (uint64_t)age >= timeout / 8) {
        local_note_activity(place, session);
    }
}

/* --- count --------------------------------------------------------------- */

struct count {
    struct index_job job;
    struct local_store *store;
    const char *prefix;
    uint64_t *ret_count;
    struct store_op *op;
};

static enum bits_cause run_count(struct index_job *job,
                                 struct database *database)
{
    struct count *count = CONTAINER_OF(job, struct count, job);

    *count->ret_count = rows_count(database, count->prefix, NULL);
    return BITS_CAUSE_OK;
}

static void count_done(struct index_job *job)
{
    struct count *count = CONTAINER_OF(job, struct count, job);
    struct local_store *store = count->store;

    local_complete(count->op, job->cause, job->detail);
    local_leave(store, NULL);
    free(count);
}

enum store_when local_count(struct store *base, const char *prefix,
                            uint64_t *ret_count, struct store_op *op)
{
    struct local_store *store = local_of(base);
    struct count *count = malloc(sizeof(*count));

    if (!count) {
        return local_refuse(op);
    }
    *count = (struct count){
        .job = {.need = DATABASE_READ, .run = run_count, .done = count_done},
        .store = store,
        .prefix = prefix,
        .ret_count = ret_count,
        .op = op,
    };
    local_enter(store, NULL);
    index_submit(store->index, &count->job);
    return STORE_LATER;
}

/* --- list ---------------------------------------------------------------- */

struct list {
    struct index_job job;
    struct local_store *store;
    struct store_cursor *cursor; /* the caller's, like the page */
    struct store_page *page;
    struct store_op *op;
};

static enum bits_cause run_list(struct index_job *job,
                                struct database *database)
{
    struct list *list = CONTAINER_OF(job, struct list, job);

    rows_list(database, list->cursor, list->page);
    return BITS_CAUSE_OK;
}

static void list_done(struct index_job *job)
{
    struct list *list = CONTAINER_OF(job, struct list, job);
    struct local_store *store = list->store;

    if (job->cause != BITS_CAUSE_OK) {
        rows_empty_page(list->page);
    }
    local_complete(list->op, job->cause, job->detail);
    local_leave(store, NULL);
    free(list);
}

enum store_when local_list(struct store *base, struct store_cursor *cursor,
                           struct store_page *page, struct store_op *op)
{
    struct local_store *store = local_of(base);
    struct list *list = malloc(sizeof(*list));

    page->count = 0;
    if (!list) {
        return local_refuse(op);
    }
    *list = (struct list){
        .job = {.need = DATABASE_READ, .run = run_list, .done = list_done},
        .store = store,
        .cursor = cursor,
        .page = page,
        .op = op,
    };
    local_enter(store, NULL);
    index_submit(store->index, &list->job);
    return STORE_LATER;
}
