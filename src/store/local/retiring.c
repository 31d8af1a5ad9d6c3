/*
 * store/local/retiring.c: end(), and endings that the last process did not
 * finish.
 *
 * The row becomes ENDING, then the data file is removed, then the row becomes
 * the marker.  When the place is opened, an ending that a crash interrupted is
 * finished.  After a delivery there is no data file, and the row becomes the
 * marker at once.
 */
#include "store/local/retiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/markers.h"
#include "store/local/rows.h"
#include "store/local/rules.h"
#include "store/local/staging.h"
#include "store/local/work.h"

struct end {
    struct local_call call;
    struct bits_guid id;
    struct store_ending ending;
    struct local_rules rules;
};

/* Returns 0 or an errno value; a missing file is not an error. */
static int remove_data(struct store_place *place, const struct bits_guid *id)
{
    char name[LOCAL_STAGED_NAME_SIZE];

    local_staged_name(id, name);
    if (unlinkat(place->staging->fd, name, 0) != 0 && errno != ENOENT) {
        return errno;
    }
    return 0;
}

/* An expired session leaves no marker. */
static void leave_marker(struct database *database, const struct bits_guid *id,
                         const struct store_ending *ending, int64_t now)
{
    if (ending->expiry) {
        rows_delete(database, id);
    } else {
        (void)markers_replace(database, id, ending, now);
    }
}

static enum bits_cause run_ended(struct index_job *job,
                                 struct database *database)
{
    struct end *end = CONTAINER_OF(job, struct end, call.row);

    leave_marker(database, &end->id, &end->ending,
                 local_age_now(end->call.place->store));
    return BITS_CAUSE_OK;
}

static void ended(struct index_job *job)
{
    local_call_end(CONTAINER_OF(job, struct local_call, row), job->cause,
                   job->detail);
}

static void remove_file(struct worker_job *job)
{
    struct end *end = CONTAINER_OF(job, struct end, call.work);
    struct fault fault;
    char name[LOCAL_STAGED_NAME_SIZE];
    int error = remove_data(end->call.place, &end->id);

    if (error) {
        local_show_staged_name(&end->id, name);
        local_call_end(&end->call,
                       os_fail(&fault, error, "cannot remove",
                               end->call.place->staging->path, name),
                       fault.text);
        return;
    }
    end->call.row = (struct index_job){
        .need = DATABASE_WRITE, .run = run_ended, .done = ended};
    index_submit(end->call.place->store->index, &end->call.row);
}

static bool may_expire(struct end *end, struct database *database)
{
    struct store_session session;
    bool over;

    if (rows_get(database, &end->id, &session) != BITS_CAUSE_OK) {
        return false;
    }
    over = local_is_over(end->call.place->store, &end->rules, &session);
    store_session_done(&session);
    return over;
}

static enum bits_cause run_ending(struct index_job *job,
                                  struct database *database)
{
    struct end *end = CONTAINER_OF(job, struct end, call.row);

    if (end->ending.expiry && !may_expire(end, database)) {
        return BITS_CAUSE_SESSION_UNKNOWN;
    }
    return rows_ending(database, &end->id, &end->ending)
               ? BITS_CAUSE_OK
               : BITS_CAUSE_SESSION_UNKNOWN;
}

/* Returns true if it already ended this way, to make room. */
static bool has_ended_so(struct end *end, struct database *database)
{
    struct store_session session;
    bool same;

    if (rows_get_marker(database, &end->id, &session) != BITS_CAUSE_OK) {
        return false;
    }
    same = session.ended_by == end->ending.by &&
           session.ended.cause == end->ending.outcome.cause;
    store_session_done(&session);
    return same;
}

static enum bits_cause run_end_delivered(struct index_job *job,
                                         struct database *database)
{
    struct end *end = CONTAINER_OF(job, struct end, call.row);

    return markers_replace(database, &end->id, &end->ending,
                           local_age_now(end->call.place->store)) ||
                   has_ended_so(end, database)
               ? BITS_CAUSE_OK
               : BITS_CAUSE_SESSION_UNKNOWN;
}

static void ending_noted(struct index_job *job)
{
    struct end *end = CONTAINER_OF(job, struct end, call.row);

    if (job->cause != BITS_CAUSE_OK) {
        local_call_end(&end->call, job->cause, job->detail);
        return;
    }
    end->call.work.run = remove_file;
    workers_submit(end->call.place->store->workers, &end->call.work);
}

enum store_when local_end(struct store_place *place,
                          struct store_session *session,
                          const struct store_ending *ending,
                          struct store_op *op)
{
    struct end *end = malloc(sizeof(*end));
    bool at_once = session->state == STORE_DONE && !ending->expiry;

    if (!end) {
        return local_refuse(op);
    }
    *end = (struct end){
        .call = {.row = {.need = DATABASE_WRITE,
                         .run = at_once ? run_end_delivered : run_ending,
                         .done = at_once ? NULL : ending_noted},
                 .store = place->store,
                 .place = place,
                 .op = op},
        .id = session->id,
        .ending = *ending,
        .rules = local_rules_of(place),
    };
    return local_call_row(&end->call);
}

/* --- to make room -------------------------------------------------------- */

void local_remove_evicted(struct store_place *place, const struct bits_guid *id)
{
    struct end *end = malloc(sizeof(*end));

    if (!end) {
        return; /* the next start finishes ENDING rows */
    }
    *end = (struct end){
        .call = {.work = {.run = remove_file},
                 .store = place->store,
                 .place = place},
        .id = *id,
        .ending = {.expiry = true},
    };
    (void)local_call_work(&end->call);
}

/* --- after a crash ------------------------------------------------------- */

struct recovery {
    struct index_job row;
    struct store_place *place;
    struct store_session session;
    bool found;
};

static enum bits_cause run_next(struct index_job *job,
                                struct database *database)
{
    struct recovery *recovery = CONTAINER_OF(job, struct recovery, row);
    struct bits_guid after = recovery->session.id;

    store_session_done(&recovery->session);
    recovery->found = rows_next_unfinished(database, recovery->place->prefix,
                                           &after, &recovery->session);
    return BITS_CAUSE_OK;
}

static enum bits_cause run_finish_ending(struct index_job *job,
                                         struct database *database)
{
    struct recovery *recovery = CONTAINER_OF(job, struct recovery, row);
    const struct store_session *session = &recovery->session;

    const struct store_ending ending = {
        .by = session->ended_by,
        .outcome = session->ended,
        .expiry =
            session->ended_by == BITS_PACKET_PING, /* no verb asked for it */
    };

    leave_marker(database, &session->id, &ending,
                 local_age_now(recovery->place->store));
    return BITS_CAUSE_OK;
}

/* A data file that cannot be removed must not prevent the start: the row waits
 * for the next one. */
static enum bits_cause finish_ending(struct recovery *recovery,
                                     struct fault *ret_fault)
{
    struct store_place *place = recovery->place;
    int error = remove_data(place, &recovery->session.id);

    if (error) {
        local_trouble(place->store,
                      os_fail(ret_fault, error, "cannot remove a file in",
                              place->staging->path, NULL),
                      ret_fault->text);
        return BITS_CAUSE_OK;
    }
    recovery->row.need = DATABASE_WRITE;
    recovery->row.run = run_finish_ending;
    return index_run(place->store->index, &recovery->row, ret_fault);
}

enum bits_cause local_recover(struct store_place *place,
                              struct fault *ret_fault)
{
    struct recovery recovery = {.place = place};
    enum bits_cause cause;

    do {
        recovery.row.need = DATABASE_READ;
        recovery.row.run = run_next;
        cause = index_run(place->store->index, &recovery.row, ret_fault);
        if (cause == BITS_CAUSE_OK && recovery.found &&
            recovery.session.state == STORE_ENDING) {
            cause = finish_ending(&recovery, ret_fault);
        }
    } while (cause == BITS_CAUSE_OK && recovery.found);
    store_session_done(&recovery.session);
    return cause;
}
