/*
 * store/local/rows.c: see rows.h.
 */
#include "store/local/rows.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "cause/outcome.h"

static void bind_id(sqlite3_stmt *statement, const struct bits_guid *id)
{
    (void)sqlite3_bind_blob(statement, 1, id->bytes, sizeof(id->bytes),
                            SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

/* Totals and offsets are below 2^63: larger uploads are refused (F5). */
static void bind_bytes(sqlite3_stmt *statement, int at, uint64_t bytes)
{
    (void)sqlite3_bind_int64(statement, at, (sqlite3_int64)bytes);
}

sqlite3_stmt *rows_for_id(struct database *database, enum statement which,
                          const struct bits_guid *id)
{
    sqlite3_stmt *statement = database_statement(database, which);

    bind_id(statement, id);
    return statement;
}

/* Numbers are never reused, so rows of a forgotten instance match no other. */
int64_t rows_instance(struct database *database, const char *identity)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_INSTANCE_GET);
    int64_t number;

    bind_text(statement, 1, identity);
    if (database_step(database, statement)) {
        number = sqlite3_column_int64(statement, 0);
        (void)sqlite3_reset(statement);
        return number;
    }
    statement = database_statement(database, STATEMENT_INSTANCE_ADD);
    bind_text(statement, 1, identity);
    (void)database_change(database, statement);
    number = sqlite3_last_insert_rowid(database->handle);
    statement = database_statement(database, STATEMENT_INSTANCE_FORGET);
    (void)sqlite3_bind_int64(statement, 1, number);
    (void)database_change(database, statement);
    return number;
}

bool rows_insert(struct database *database, const struct store_session *session,
                 int64_t counts_until)
{
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_INSERT, &session->id);

    bind_text(statement, 2, session->prefix);
    bind_text(statement, 3, session->name);
    bind_text(statement, 4, session->user);
    (void)sqlite3_bind_int64(statement, 5, session->created_at);
    (void)sqlite3_bind_int64(statement, 6, session->active_at);
    (void)sqlite3_bind_int64(statement, 7, local_tail_const(session)->instance);
    (void)sqlite3_bind_int64(statement, 8, (int64_t)uv_hrtime());
    bind_text(statement, 9, session->address ? session->address : "");
    bind_text(statement, 10, session->destination ? session->destination : "");
    bind_bytes(statement, 11, session->own_folders);
    if (counts_until != ROW_COUNTS_NOT) {
        (void)sqlite3_bind_int64(statement, 12, counts_until);
    }
    (void)sqlite3_bind_int64(statement, 13, session->once_until);
    return database_change(database, statement) == 1;
}

static char *column_text(sqlite3_stmt *statement, int at)
{
    const unsigned char *text = sqlite3_column_text(statement, at);

    return strdup(text ? (const char *)text : "");
}

static struct bits_outcome column_outcome(sqlite3_stmt *statement, int at)
{
    return outcome_parse((const char *)sqlite3_column_text(statement, at));
}

/* Releases a session that could not be read completely. */
static bool is_whole(struct database *database, struct store_session *session)
{
    if (!session->prefix || !session->name || !session->user ||
        !session->destination || !session->delivered_as) {
        database_failed(database, SQLITE_NOMEM);
    }
    if (database->cause != BITS_CAUSE_OK) {
        store_session_done(session);
        return false;
    }
    return true;
}

/* An ENDED session is a marker, not a row. */
static bool is_state_of_row(enum store_state state)
{
    return store_is_live(state) || state == STORE_ENDING;
}

/* Reads the current row of the statement; its columns are COLUMNS. */
static bool read_row(struct database *database, sqlite3_stmt *statement,
                     struct store_session *session)
{
    const void *id = sqlite3_column_blob(statement, 0);

    *session = (struct store_session){
        .fence = LOCAL_FENCE,
        .state = (enum store_state)sqlite3_column_int(statement, 1),
        .prefix = column_text(statement, 2),
        .name = column_text(statement, 3),
        .user = column_text(statement, 4),
        .fragment_seen = sqlite3_column_int(statement, 5) != 0,
        .total_known = sqlite3_column_type(statement, 6) != SQLITE_NULL,
        .total = (uint64_t)sqlite3_column_int64(statement, 6),
        .stored_any = sqlite3_column_int(statement, 7) != 0,
        .created_at = sqlite3_column_int64(statement, 8),
        .active_at = sqlite3_column_int64(statement, 9),
        .delivered_as = column_text(statement, 10),
        .ended_by = (enum bits_packet_type)sqlite3_column_int(statement, 11),
        .ended = column_outcome(statement, 12),
        .has_outcome = sqlite3_column_type(statement, 18) != SQLITE_NULL,
        .outcome = column_outcome(statement, 18),
        .destination = column_text(statement, 19),
        .own_folders = (uint64_t)sqlite3_column_int64(statement, 20),
    };
    *local_tail(session) = (struct local_tail){
        .synced = (uint64_t)sqlite3_column_int64(statement, 13),
        .instance = sqlite3_column_int64(statement, 14),
        .epoch = sqlite3_column_int64(statement, 15),
        .staged_device = (uint64_t)sqlite3_column_int64(statement, 16),
        .staged_inode = (uint64_t)sqlite3_column_int64(statement, 17),
    };
    if (!id ||
        sqlite3_column_bytes(statement, 0) != sizeof(session->id.bytes) ||
        !is_state_of_row(session->state)) {
        database_failed(database, SQLITE_CORRUPT);
    } else {
        memcpy(session->id.bytes, id, sizeof(session->id.bytes));
    }
    return is_whole(database, session);
}

static bool read_marker(struct database *database, sqlite3_stmt *statement,
                        struct store_session *session)
{
    const void *target = sqlite3_column_blob(statement, 2);

    *session = (struct store_session){
        .state = STORE_ENDED,
        .fence = LOCAL_FENCE,
        .prefix = strdup(""),
        .name = strdup(""),
        .user = strdup(""),
        .destination = strdup(""),
        .delivered_as = strdup(""),
        .ended_by = (enum bits_packet_type)sqlite3_column_int(statement, 0),
        .ended = column_outcome(statement, 1),
    };
    if (!target ||
        sqlite3_column_bytes(statement, 2) != sizeof(session->target.bytes)) {
        database_failed(database, SQLITE_CORRUPT);
    } else {
        memcpy(session->target.bytes, target, sizeof(session->target.bytes));
    }
    return is_whole(database, session);
}

enum bits_cause rows_get_marker(struct database *database,
                                const struct bits_guid *id,
                                struct store_session *ret_session)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_MARKER_GET, id);
    enum bits_cause cause = BITS_CAUSE_SESSION_UNKNOWN;

    if (database_step(database, statement)) {
        if (read_marker(database, statement, ret_session)) {
            ret_session->id = *id;
            cause = BITS_CAUSE_OK;
        }
        (void)sqlite3_reset(statement);
    }
    return database->cause != BITS_CAUSE_OK ? database->cause : cause;
}

enum bits_cause rows_get(struct database *database, const struct bits_guid *id,
                         struct store_session *ret_session)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_GET, id);
    enum bits_cause cause = BITS_CAUSE_SESSION_UNKNOWN;

    if (database_step(database, statement)) {
        if (read_row(database, statement, ret_session)) {
            cause = BITS_CAUSE_OK;
        }
        (void)sqlite3_reset(statement);
    }
    return database->cause != BITS_CAUSE_OK ? database->cause : cause;
}

bool rows_exist(struct database *database, const struct bits_guid *id)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_EXISTS, id);
    bool found = database_step(database, statement);

    (void)sqlite3_reset(statement);
    return found;
}

/* Numbers of the file system may use all 64 bits. */
static void bind_staged(sqlite3_stmt *statement, int at,
                        const struct store_session *session)
{
    const struct local_tail *tail = local_tail_const(session);

    if (tail->staged_inode) {
        (void)sqlite3_bind_int64(statement, at,
                                 (sqlite3_int64)tail->staged_device);
        (void)sqlite3_bind_int64(statement, at + 1,
                                 (sqlite3_int64)tail->staged_inode);
    }
}

bool rows_learn(struct database *database, const struct store_session *session)
{
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_LEARN, &session->id);

    (void)sqlite3_bind_int(statement, 2, session->fragment_seen);
    if (session->total_known) {
        bind_bytes(statement, 3, session->total);
    }
    (void)sqlite3_bind_int(statement, 4, session->stored_any);
    bind_staged(statement, 5, session);
    return database_change(database, statement) > 0;
}

bool rows_record(struct database *database, const struct bits_guid *id,
                 const struct bits_outcome *outcome)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_RECORD, id);
    char text[OUTCOME_TEXT_MAX];

    outcome_format(outcome, text);
    bind_text(statement, 2, text);
    return database_change(database, statement) > 0;
}

bool rows_touch(struct database *database, const struct row_touch *touch)
{
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_TOUCH, &touch->id);

    (void)sqlite3_bind_int64(statement, 2, touch->active_at);
    (void)sqlite3_bind_int(statement, 3, touch->stored_any);
    return database_change(database, statement) > 0;
}

bool rows_synced(struct database *database, const struct store_session *session)
{
    const struct local_tail *tail = local_tail_const(session);
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_SYNCED, &session->id);

    (void)sqlite3_bind_int64(statement, 2, tail->epoch);
    bind_bytes(statement, 3, tail->synced);
    bind_staged(statement, 4, session);
    return database_change(database, statement) > 0;
}

bool rows_give_up(struct database *database, const struct bits_guid *id,
                  int64_t new_epoch, uint64_t synced)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_GIVE_UP, id);

    (void)sqlite3_bind_int64(statement, 2, new_epoch);
    bind_bytes(statement, 3, synced);
    return database_change(database, statement) > 0;
}

bool rows_renew(struct database *database, const struct store_session *session)
{
    const struct local_tail *tail = local_tail_const(session);
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_RENEW, &session->id);

    (void)sqlite3_bind_int64(statement, 2, tail->instance);
    (void)sqlite3_bind_int(statement, 3, (int)session->state);
    bind_bytes(statement, 4, tail->synced);
    (void)sqlite3_bind_int64(statement, 5, tail->epoch);
    (void)sqlite3_bind_int(statement, 6, session->fragment_seen);
    bind_staged(statement, 7, session);
    return database_change(database, statement) > 0;
}

bool rows_delivering(struct database *database,
                     const struct store_session *session, int64_t now)
{
    const struct local_tail *tail = local_tail_const(session);
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_DELIVERING, &session->id);

    (void)sqlite3_bind_int64(statement, 2, tail->epoch);
    (void)sqlite3_bind_int(statement, 3, session->fragment_seen);
    if (session->total_known) {
        bind_bytes(statement, 4, session->total);
    }
    bind_text(statement, 5, session->delivered_as);
    (void)sqlite3_bind_int64(statement, 6, now);
    bind_staged(statement, 7, session);
    return database_change(database, statement) > 0;
}

bool rows_outcome(struct database *database, const struct bits_guid *id,
                  const struct row_outcome *outcome)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_OUTCOME, id);

    (void)sqlite3_bind_int(statement, 2, (int)outcome->state);
    bind_text(statement, 3, outcome->delivered_as);
    bind_bytes(statement, 4, outcome->synced);
    (void)sqlite3_bind_int64(statement, 5, outcome->counts_until);
    return database_change(database, statement) > 0;
}

bool rows_ending(struct database *database, const struct bits_guid *id,
                 const struct store_ending *ending)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_ENDING, id);
    char text[OUTCOME_TEXT_MAX];

    if (!ending->expiry) {
        outcome_format(&ending->outcome, text);
        (void)sqlite3_bind_int(statement, 2, (int)ending->by);
        bind_text(statement, 3, text);
    }
    return database_change(database, statement) > 0;
}

void rows_delete(struct database *database, const struct bits_guid *id)
{
    (void)database_change(database,
                          rows_for_id(database, STATEMENT_DELETE, id));
}

uint64_t rows_count(struct database *database, const char *prefix,
                    const char *user)
{
    sqlite3_stmt *statement = database_statement(
        database, user ? STATEMENT_COUNT_USER : STATEMENT_COUNT_PREFIX);
    uint64_t count = 0;

    bind_text(statement, 1, prefix);
    if (user) {
        bind_text(statement, 2, user);
    }
    if (database_step(database, statement)) {
        count = (uint64_t)sqlite3_column_int64(statement, 0);
        (void)sqlite3_reset(statement);
    }
    return count;
}

static bool read_id(sqlite3_stmt *statement, struct bits_guid *ret_id)
{
    if (sqlite3_column_bytes(statement, 0) != sizeof(ret_id->bytes)) {
        return false;
    }
    memcpy(ret_id->bytes, sqlite3_column_blob(statement, 0),
           sizeof(ret_id->bytes));
    return true;
}

size_t rows_oldest_empty(struct database *database, const char *prefix,
                         const char *user, struct bits_guid *ret_ids,
                         size_t max)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_OLDEST_EMPTY_OF_USER);
    size_t count = 0;

    bind_text(statement, 1, prefix);
    bind_text(statement, 2, user);
    while (count < max && database_step(database, statement)) {
        count += read_id(statement, &ret_ids[count]);
    }
    (void)sqlite3_reset(statement);
    return count;
}

size_t rows_evictable(struct database *database,
                      const struct store_session *newcomer,
                      enum row_bytes bytes, struct row_evictable *ret_rows,
                      size_t max)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_EVICTABLE);
    const char *owner = newcomer->user[0] ? newcomer->user : newcomer->address;
    size_t count = 0;

    bind_text(statement, 1, newcomer->prefix);
    (void)sqlite3_bind_int(statement, 2, bytes == ROW_WITHOUT_BYTES);
    bind_text(statement, 3, owner ? owner : "");
    while (count < max && database_step(database, statement)) {
        ret_rows[count].own = sqlite3_column_int(statement, 1) != 0;
        ret_rows[count].of_owner = sqlite3_column_int(statement, 2);
        count += read_id(statement, &ret_rows[count].id);
    }
    (void)sqlite3_reset(statement);
    return count;
}

bool rows_oldest_delivered(struct database *database, const char *prefix,
                           struct bits_guid *ret_id)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_OLDEST_DELIVERED);
    bool found;

    bind_text(statement, 1, prefix);
    found = database_step(database, statement) && read_id(statement, ret_id);
    (void)sqlite3_reset(statement);
    return found;
}

/* Adds the results of the statement until the page is full. */
static void read_page(struct database *database, sqlite3_stmt *statement,
                      struct store_page *page)
{
    while (page->count < page->max && database_step(database, statement) &&
           read_row(database, statement, &page->sessions[page->count])) {
        page->count++;
    }
    (void)sqlite3_reset(statement);
}

void rows_empty_page(struct store_page *page)
{
    while (page->count > 0) {
        store_session_done(&page->sessions[--page->count]);
    }
}

void rows_expired(struct database *database, const char *prefix,
                  enum row_bytes bytes, int64_t since, struct store_page *page)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_EXPIRED);

    bind_text(statement, 1, prefix);
    (void)sqlite3_bind_int(statement, 2, bytes == ROW_WITHOUT_BYTES);
    (void)sqlite3_bind_int64(statement, 3, since);
    bind_bytes(statement, 4, page->max - page->count);
    read_page(database, statement, page);
}

void rows_list(struct database *database, struct store_cursor *cursor,
               struct store_page *page)
{
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_LIST, &cursor->after);

    if (cursor->prefix) {
        bind_text(statement, 2, cursor->prefix);
    }
    bind_bytes(statement, 3, page->max);
    read_page(database, statement, page);
    if (page->count > 0) {
        cursor->after = page->sessions[page->count - 1].id;
    }
}

bool rows_next_unfinished(struct database *database, const char *prefix,
                          const struct bits_guid *after,
                          struct store_session *ret_session)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_UNFINISHED);
    bool found = false;

    bind_text(statement, 1, prefix);
    (void)sqlite3_bind_blob(statement, 2, after->bytes, sizeof(after->bytes),
                            SQLITE_STATIC);
    if (database_step(database, statement)) {
        found = read_row(database, statement, ret_session);
        (void)sqlite3_reset(statement);
    }
    return found;
}
