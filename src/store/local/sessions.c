/*
 * store/local/sessions.c: calls that only write, count and list rows.
 */
#include "store/local/sessions.h"

#include <stdlib.h>

#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/quota_rows.h"
#include "store/local/rows.h"
#include "store/local/rules.h"
#include "store/local/work.h"

/* --- learn --------------------------------------------------------------- */

struct learn {
    struct local_call call;
    struct store_session lesson; /* for rows_learn() */
    struct local_rules rules;
    struct fault fault; /* of quotas */
};

static enum bits_cause judge_quotas(struct learn *learn,
                                    struct database *database)
{
    struct local_store *store = learn->call.place->store;
    const struct local_claim claim = {.prefix = learn->call.place->prefix,
                                      .section = &learn->rules.section,
                                      .bytes = learn->lesson.total,
                                      .now = local_now(store)};

    if (!learn->lesson.total_known || !quota_applies(claim.section)) {
        return BITS_CAUSE_OK;
    }
    learn->call.retry_after = quota_retry_after(claim.section, claim.now);
    return local_quota_judge_size(database, &learn->lesson.id, claim,
                                  &learn->fault);
}

static enum bits_cause run_learn(struct index_job *job,
                                 struct database *database)
{
    struct learn *learn = CONTAINER_OF(job, struct learn, call.row);
    enum bits_cause cause = judge_quotas(learn, database);

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    return rows_learn(database, &learn->lesson) ? BITS_CAUSE_OK
                                                : BITS_CAUSE_SESSION_UNKNOWN;
}

static void learn_done(struct index_job *job)
{
    struct learn *learn = CONTAINER_OF(job, struct learn, call.row);
    bool is_quota = job->cause == CAUSE_QUOTA_TOO_SMALL ||
                    job->cause == CAUSE_QUOTA_USED_UP;

    local_call_end(&learn->call, job->cause,
                   is_quota ? learn->fault.text : job->detail);
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
        .call = {.row = {.need = local_need(place),
                         .run = run_learn,
                         .done = learn_done},
                 .store = place->store,
                 .place = place,
                 .op = op},
        .lesson = {.id = session->id,
                   .fragment_seen = session->fragment_seen,
                   .total_known = session->total_known,
                   .total = session->total,
                   .stored_any = session->stored_any,
                   .tail = session->tail},
        .rules = local_rules_of(place),
    };
    return local_call_row(&learn->call);
}

/* --- record -------------------------------------------------------------- */

struct record {
    struct local_call call;
    struct bits_guid id;
    struct bits_outcome outcome;
};

static enum bits_cause run_record(struct index_job *job,
                                  struct database *database)
{
    struct record *record = CONTAINER_OF(job, struct record, call.row);

    return rows_record(database, &record->id, &record->outcome)
               ? BITS_CAUSE_OK
               : BITS_CAUSE_SESSION_UNKNOWN;
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
        .call = {.row = {.need = local_need(place), .run = run_record},
                 .store = place->store,
                 .place = place,
                 .op = op},
        .id = session->id,
        .outcome = *outcome,
    };
    return local_call_row(&record->call);
}

/* --- touch --------------------------------------------------------------- */

struct touch {
    struct local_call call;
    struct row_touch row;
};

static enum bits_cause run_touch(struct index_job *job,
                                 struct database *database)
{
    struct touch *touch = CONTAINER_OF(job, struct touch, call.row);

    (void)rows_touch(database, &touch->row);
    return BITS_CAUSE_OK;
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
        .call = {.row = {.need = DATABASE_WRITE, .run = run_touch},
                 .store = place->store,
                 .place = place},
        .row = {session->id, session->active_at, session->stored_any},
    };
    (void)local_call_row(&touch->call);
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
    struct local_call call;
    const char *prefix;
    uint64_t *ret_count;
};

static enum bits_cause run_count(struct index_job *job,
                                 struct database *database)
{
    struct count *count = CONTAINER_OF(job, struct count, call.row);

    *count->ret_count = rows_count(database, count->prefix, NULL);
    return BITS_CAUSE_OK;
}

enum store_when local_count(struct store *store, const char *prefix,
                            uint64_t *ret_count, struct store_op *op)
{
    struct count *count = malloc(sizeof(*count));

    if (!count) {
        return local_refuse(op);
    }
    *count = (struct count){
        .call = {.row = {.need = DATABASE_READ, .run = run_count},
                 .store = local_of(store),
                 .op = op},
        .prefix = prefix,
        .ret_count = ret_count,
    };
    return local_call_row(&count->call);
}

/* --- list ---------------------------------------------------------------- */

struct list {
    struct local_call call;
    struct store_cursor *cursor; /* the caller's, like the page */
    struct store_page *page;
};

static enum bits_cause run_list(struct index_job *job,
                                struct database *database)
{
    struct list *list = CONTAINER_OF(job, struct list, call.row);

    rows_list(database, list->cursor, list->page);
    return BITS_CAUSE_OK;
}

static void list_done(struct index_job *job)
{
    struct list *list = CONTAINER_OF(job, struct list, call.row);

    if (job->cause != BITS_CAUSE_OK) {
        rows_empty_page(list->page);
    }
    local_call_end(&list->call, job->cause, job->detail);
}

enum store_when local_list(struct store *store, struct store_cursor *cursor,
                           struct store_page *page, struct store_op *op)
{
    struct list *list = malloc(sizeof(*list));

    page->count = 0;
    if (!list) {
        return local_refuse(op);
    }
    *list = (struct list){
        .call = {.row = {.need = DATABASE_READ,
                         .run = run_list,
                         .done = list_done},
                 .store = local_of(store),
                 .op = op},
        .cursor = cursor,
        .page = page,
    };
    return local_call_row(&list->call);
}
