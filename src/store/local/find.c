/*
 * store/local/find.c: find(), and the work of the first find() after a mount of
 * the file system.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/data.h"
#include "store/local/rows.h"
#include "store/local/rules.h"
#include "store/local/staging.h"
#include "store/local/work.h"

struct find {
    struct local_call call;
    struct bits_guid id;
    struct store_session *session;
    enum bits_cause cause;
    bool found;
    bool gave_up; /* bytes that were durable are gone */
    struct fault fault;
};

/* Cuts off the bytes that the row does not record as durable: they may not be
 * what was stored. *ret_there: the session has a file. */
static int cut_to_synced(struct store_place *place,
                         const struct store_session *session, bool *ret_there,
                         uint64_t *ret_bytes)
{
    char name[LOCAL_STAGED_NAME_SIZE];
    uint64_t synced = local_tail_const(session)->synced;
    struct stat info;
    int error;
    int fd;

    local_staged_name(&session->id, name);
    *ret_bytes = 0;
    *ret_there =
        fstatat(place->staging->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*ret_there) {
        return errno == ENOENT ? 0 : errno;
    }
    /* If durable bytes are missing, the others cannot be trusted. */
    *ret_bytes = (uint64_t)info.st_size < synced ? 0 : synced;
    if ((uint64_t)info.st_size == *ret_bytes) {
        return 0;
    }
    fd = openat(place->staging->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno;
    }
    error = os_truncate(fd, *ret_bytes);
    (void)close(fd);
    return error;
}

/* On the index's thread, so that no bytes are stored in between.  A data file
 * proves that a Fragment was seen, even if that was not committed. */
static enum bits_cause renew(struct find *find, struct store_place *place,
                             struct database *database)
{
    struct store_session *session = find->session;
    struct local_tail *tail = local_tail(session);
    struct store_session before = *session;
    uint64_t bytes;
    bool there;
    int error;

    uv_mutex_lock(data_opening(find->call.store, &session->id));
    error = cut_to_synced(place, session, &there, &bytes);
    uv_mutex_unlock(data_opening(find->call.store, &session->id));
    if (error) {
        return os_fail(&find->fault, error, "cannot measure a file in",
                       place->staging->path, NULL);
    }
    /* DELIVERING without a file was delivered. */
    if (there || session->state != STORE_DELIVERING) {
        find->gave_up = bytes < tail->synced;
        tail->epoch += find->gave_up;
        tail->synced = bytes;
        session->state = there && session->state != STORE_RECEIVING &&
                                 session->total_known && bytes == session->total
                             ? STORE_RETRY
                             : STORE_RECEIVING;
    }
    if (!there && session->state == STORE_RECEIVING) {
        /* The next file has another inode. */
        data_forget_name(session);
    }
    tail->instance = place->staging->instance;
    session->fragment_seen |= there;
    if (find->gave_up || session->state != before.state ||
        tail->instance != local_tail(&before)->instance ||
        tail->staged_inode != local_tail(&before)->staged_inode ||
        session->fragment_seen != before.fragment_seen) {
        (void)rows_renew(database, session);
    }
    return BITS_CAUSE_OK;
}

/* Returns true if the file system was mounted all the time since bytes were
 * stored.  Then the file is measured when it is opened. */
static bool is_renewed(const struct store_place *place,
                       const struct store_session *session)
{
    return place->staging->instance &&
           local_tail_const(session)->instance == place->staging->instance;
}

static enum bits_cause look_after(struct find *find, struct database *database)
{
    struct store_session *session = find->session;
    struct store_place *place =
        local_place_enter(find->call.store, session->prefix);
    struct local_rules rules;
    enum bits_cause cause = BITS_CAUSE_OK;

    if (!place) {
        return BITS_CAUSE_OK; /* the section was removed; the caller handles
                                 that */
    }
    rules = local_rules_of(place);
    if (local_is_over(find->call.store, &rules, session)) {
        cause = BITS_CAUSE_SESSION_UNKNOWN;
    } else if (store_is_undelivered(session->state) &&
               !local_tail(session)->held && !is_renewed(place, session)) {
        cause = renew(find, place, database);
    }
    local_leave(find->call.store, place);
    return cause;
}

static enum bits_cause run_find(struct index_job *job,
                                struct database *database)
{
    struct find *find = CONTAINER_OF(job, struct find, call.row);
    /* Check this first: if the file is closed meanwhile, its row was written
     * before that. */
    bool held = data_is_open(find->call.store, &find->id);
    enum bits_cause cause = rows_get(database, &find->id, find->session);

    bool ended = cause == BITS_CAUSE_SESSION_UNKNOWN;

    if (ended) {
        cause = rows_get_marker(database, &find->id, find->session);
    }
    find->found = cause == BITS_CAUSE_OK;
    if (find->found) {
        local_tail(find->session)->held = held;
    }
    return find->found && !ended ? look_after(find, database) : cause;
}

static void find_end(struct find *find, enum bits_cause cause,
                     const char *detail)
{
    if (cause != BITS_CAUSE_OK && find->found) {
        store_session_done(find->session);
    }
    local_call_end(&find->call, cause, detail);
}

/* The row lost bytes that it had recorded as durable: commit that durably
 * before other bytes are stored in their place.  Writing it once more flushes
 * the first commit. */
static enum bits_cause run_renew_durably(struct index_job *job,
                                         struct database *database)
{
    struct find *find = CONTAINER_OF(job, struct find, call.row);

    (void)rows_renew(database, find->session);
    return BITS_CAUSE_OK;
}

static void renew_done(struct index_job *job)
{
    find_end(CONTAINER_OF(job, struct find, call.row), job->cause, job->detail);
}

static void find_done(struct index_job *job)
{
    struct find *find = CONTAINER_OF(job, struct find, call.row);

    if (job->cause == BITS_CAUSE_OK && find->gave_up) {
        find->call.row = (struct index_job){.need = DATABASE_DURABLE,
                                            .run = run_renew_durably,
                                            .done = renew_done};
        index_submit(find->call.store->index, &find->call.row);
        return;
    }
    find_end(find, job->cause,
             find->fault.text[0] ? find->fault.text : job->detail);
}

enum store_when local_find(struct store *store, const struct bits_guid *id,
                           struct store_session *ret_session,
                           struct store_op *op)
{
    struct find *find = calloc(1, sizeof(*find));

    if (!find) {
        return local_refuse(op);
    }
    find->call.row = (struct index_job){
        .need = DATABASE_READ, .run = run_find, .done = find_done};
    find->call.store = local_of(store);
    find->call.op = op;
    find->id = *id;
    find->session = ret_session;
    return local_call_row(&find->call);
}
