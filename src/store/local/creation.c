/*
 * store/local/creation.c: create(), and how a new session gets room.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/markers.h"
#include "store/local/quota_rows.h"
#include "store/local/retiring.h"
#include "store/local/rows.h"
#include "store/local/rows_once.h"
#include "store/local/rules.h"
#include "store/local/space.h"
#include "store/local/trial.h"
#include "store/local/work.h"

/* How many sessions are considered when room is needed. */
#define EVICTION_CANDIDATES 256

/* Rows are checked against free space every so many Creates.  A session takes a
 * few KiB at most, so they add little between two checks. */
#define STATE_CHECK_EVERY 256

/* A session with bytes is evicted only from an owner of at least EVICTION_CROWD
 * of the longest idle sessions, or of more than half of max_sessions where that
 * is smaller. */
#define EVICTION_CROWD 16
#define EVICTION_CROWD_LEAST 2

/* Seconds for which deliveries are remembered after the end of the rule, in
 * case the clock is set back. */
#define ONCE_KEPT (30 * INT64_C(86400))

struct create {
    struct local_call call; /* the work: a trial of the name */
    const struct store_session *session;
    struct store_keeper *keeper;
    struct local_rules rules;
    enum bits_cause outcome; /* of run_create() */
    bool evicted;            /* one with bytes made room: */
    struct bits_guid evicted_id;
    bool emptied; /* at least one without bytes did, the last of them: */
    struct bits_guid emptied_id;
    struct fault fault;
};

/* Returns true if a request uses the session. */
static bool is_in_use(const struct create *create, const struct bits_guid *id)
{
    if (create->keeper) {
        create->keeper->let_go(create->keeper, id);
    }
    return data_is_held(create->call.place->store, id);
}

static bool evict_of_user(struct database *database, struct create *create,
                          const char *user)
{
    struct bits_guid ids[EVICTION_CANDIDATES];
    size_t count = rows_oldest_empty(database, create->session->prefix, user,
                                     ids, EVICTION_CANDIDATES);

    for (size_t i = 0; i < count; i++) {
        if (!is_in_use(create, &ids[i])) {
            rows_delete(database, &ids[i]);
            create->emptied = true;
            create->emptied_id = ids[i];
            return true;
        }
    }
    return false;
}

static bool evict_empty(struct database *database, struct create *create)
{
    struct row_evictable rows[EVICTION_CANDIDATES];
    size_t count = rows_evictable(database, create->session, ROW_WITHOUT_BYTES,
                                  rows, EVICTION_CANDIDATES);

    for (size_t i = 0; i < count; i++) {
        if (!is_in_use(create, &rows[i].id)) {
            /* The sweeper removes a data file; it is empty. */
            rows_delete(database, &rows[i].id);
            create->emptied = true;
            create->emptied_id = rows[i].id;
            return true;
        }
    }
    return false;
}

/* Its owner loses nothing: the marker answers a Close as the session would. */
static bool close_delivered(struct database *database, struct create *create)
{
    const struct store_ending closed = {.by = BITS_PACKET_CLOSE_SESSION,
                                        .outcome =
                                            cause_outcome(BITS_CAUSE_OK)};
    struct bits_guid id;

    return rows_oldest_delivered(database, create->session->prefix, &id) &&
           markers_replace(database, &id, &closed,
                           local_age_now(create->call.place->store));
}

/* Returns true if the owner has so many of the prefix's `all` sessions that it
 * locks others out. `all` includes sessions that cannot be evicted, because
 * without them an owner of a few would look like the owner of most. */
static bool is_crowd(const struct create *create,
                     const struct row_evictable *row, uint64_t all)
{
    uint64_t least = create->rules.section.max_sessions / 2 + 1;
    uint64_t looked_at = all < EVICTION_CANDIDATES ? all : EVICTION_CANDIDATES;

    least = least < EVICTION_CROWD ? least : EVICTION_CROWD;
    least = least > EVICTION_CROWD_LEAST ? least : EVICTION_CROWD_LEAST;
    return (uint64_t)row->of_owner >= least &&
           (uint64_t)row->of_owner > looked_at / 2;
}

/* This loses acknowledged bytes, so it only affects a crowd. */
static bool evict_from_crowd(struct database *database, struct create *create)
{
    const struct store_ending ending = {.expiry = true};
    struct row_evictable rows[EVICTION_CANDIDATES];
    size_t count = rows_evictable(database, create->session, ROW_WITH_BYTES,
                                  rows, EVICTION_CANDIDATES);
    uint64_t all = rows_count(database, create->session->prefix, NULL);

    for (size_t i = 0; i < count && !create->evicted; i++) {
        if (!rows[i].own && is_crowd(create, &rows[i], all) &&
            !is_in_use(create, &rows[i].id) &&
            rows_ending(database, &rows[i].id, &ending)) {
            create->evicted = true;
            create->evicted_id = rows[i].id;
            return true;
        }
    }
    return false;
}

static bool make_room_of_user(struct database *database, struct create *create)
{
    const struct store_session *session = create->session;
    uint64_t limit = create->rules.section.max_sessions_per_user;
    bool named = session->user[0] != '\0';

    while (rows_count(database, session->prefix,
                      named ? session->user : NULL) >= limit) {
        if (named ? !evict_of_user(database, create, session->user)
                  : !evict_empty(database, create)) {
            return false;
        }
    }
    return true;
}

static bool make_room(struct database *database, struct create *create)
{
    while (rows_count(database, create->session->prefix, NULL) >=
           create->rules.section.max_sessions) {
        if (!close_delivered(database, create) &&
            !evict_empty(database, create) &&
            !evict_from_crowd(database, create)) {
            return false;
        }
    }
    return true;
}

/* --- the call ------------------------------------------------------------ */

/* Returns true if there is room for more rows.  Checks only now and then,
 * because it needs a system call. */
static bool state_has_room(struct local_store *store, struct fault *ret_fault)
{
    if (store->state_unchecked == 0) {
        store->state_unchecked = STATE_CHECK_EVERY;
        store->state_full = space_is_short(
            store->state, &store->state_min_free_space, store->state_path,
            "state_min_free_space", &store->state_fault);
    }
    store->state_unchecked--;
    if (store->state_full) {
        store->state_unchecked = 0;
        *ret_fault = store->state_fault;
    }
    return !store->state_full;
}

static enum bits_cause refuse(struct create *create, const char *option,
                              uint64_t limit)
{
    return cause_fault(&create->fault, CAUSE_TOO_MANY_SESSIONS,
                       "%s = %" PRIu64 " is reached", option, limit);
}

/* The size of the file is not known yet. */
static enum bits_cause judge_quotas(struct create *create,
                                    struct database *database)
{
    struct local_store *store = create->call.place->store;
    const struct store_section *section = &create->rules.section;
    const struct local_claim claim = {.prefix = create->session->prefix,
                                      .section = section,
                                      .user = create->session->user,
                                      .bytes = 1,
                                      .now = local_now(store)};

    if (!quota_applies(section)) {
        return BITS_CAUSE_OK;
    }
    create->call.retry_after = quota_retry_after(section, claim.now);
    return local_quota_judge(database, &claim, &create->fault);
}

/* The user may deliver one file only.  An empty session of his makes room: its
 * client has lost the answer to Create-Session. */
static enum bits_cause admit_once(struct create *create,
                                  struct database *database)
{
    const char *user = create->session->user;
    struct bits_guid id;
    bool is_empty = false;

    rows_once_forget(database,
                     local_now(create->call.place->store) - ONCE_KEPT);
    if (rows_once_is_used(database, user)) {
        return CAUSE_INVITATION_USED;
    }
    while (rows_once_live(database, user, &id, &is_empty)) {
        if (!is_empty || is_in_use(create, &id)) {
            return CAUSE_INVITATION_BUSY;
        }
        rows_delete(database, &id);
        create->emptied = true;
        create->emptied_id = id;
    }
    return BITS_CAUSE_OK;
}

static enum bits_cause make_session(struct create *create,
                                    struct database *database)
{
    enum bits_cause cause = BITS_CAUSE_OK;

    create->evicted = false;
    create->emptied = false;
    if (create->session->once_until != 0) {
        cause = admit_once(create, database);
    }
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (!state_has_room(create->call.place->store, &create->fault)) {
        return CAUSE_STATE_FULL;
    }
    cause = judge_quotas(create, database);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (create->rules.section.max_sessions_per_user != UINT64_MAX &&
        !make_room_of_user(database, create)) {
        return refuse(create, "max_sessions_per_user",
                      create->rules.section.max_sessions_per_user);
    }
    if (!make_room(database, create)) {
        return refuse(create, "max_sessions",
                      create->rules.section.max_sessions);
    }
    if (!rows_insert(database, create->session,
                     local_counts_until(create->call.place))) {
        return BITS_CAUSE_INTERNAL;
    }
    return BITS_CAUSE_OK;
}

static enum bits_cause run_create(struct index_job *job,
                                  struct database *database)
{
    struct create *create = CONTAINER_OF(job, struct create, call.row);

    create->outcome = make_session(create, database);
    return create->outcome;
}

static void tell_evicted(const struct create *create)
{
    struct store_keeper *keeper = create->keeper;

    if (keeper && create->evicted) {
        keeper->evicted(keeper, &create->evicted_id, true);
    }
    if (keeper && create->emptied) {
        keeper->evicted(keeper, &create->emptied_id, false);
    }
}

static void create_done(struct index_job *job)
{
    struct create *create = CONTAINER_OF(job, struct create, call.row);
    struct store_place *place = create->call.place;
    const char *detail = job->detail;

    /* The same cause from the index means that the transaction was rolled
     * back. */
    if (job->cause == create->outcome) {
        tell_evicted(create);
        if (create->evicted) {
            local_remove_evicted(place, &create->evicted_id);
        }
    }
    if (job->cause == BITS_CAUSE_INTERNAL) {
        detail = "the session id is taken";
    } else if (job->cause == CAUSE_STATE_FULL ||
               job->cause == CAUSE_TOO_MANY_SESSIONS ||
               job->cause == CAUSE_QUOTA_USED_UP) {
        detail = create->fault.text;
    }
    local_call_end(&create->call, job->cause, detail);
}

static void run_trial(struct worker_job *job)
{
    struct create *create = CONTAINER_OF(job, struct create, call.work);
    struct store_place *place = create->call.place;
    enum bits_cause cause =
        trial_of_name(place, &create->rules, store_destination(create->session),
                      &create->fault);

    if (cause == BITS_CAUSE_OK) {
        index_submit(place->store->index, &create->call.row);
        return;
    }
    local_call_end(&create->call, cause, create->fault.text);
}

enum store_when local_create(struct store_place *place,
                             struct store_session *session,
                             struct store_keeper *keeper, struct store_op *op)
{
    struct create *create = malloc(sizeof(*create));

    if (!create) {
        return local_refuse(op);
    }
    session->fence = LOCAL_FENCE;
    session->created_at = local_now(place->store);
    session->active_at = local_age_now(place->store);
    local_tail(session)->instance = place->staging->instance;
    /* Not durable: a session lost in a power cut has no bytes yet, and its
     * client starts over. */
    *create = (struct create){
        .call = {.row = {.need = DATABASE_WRITE,
                         .run = run_create,
                         .done = create_done},
                 .work = {.run = run_trial},
                 .store = place->store,
                 .place = place,
                 .op = op},
        .session = session,
        .keeper = keeper,
        .rules = local_rules_of(place),
    };
    return place->staging->tries_names ? local_call_work(&create->call)
                                       : local_call_row(&create->call);
}
