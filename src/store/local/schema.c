/*
 * store/local/schema.c: opens the index, creates its tables and migrates older
 * ones.
 *
 * States are stored as the numbers of enum store_state: 0 RECEIVING, 1
 * DELIVERING, 2 RETRY, 3 DONE, 4 ENDING; an ENDED session is a marker.  A new
 * state must take a new number.
 *
 * The tallies keep the cost of the limits of a prefix and of a user constant,
 * from ten sessions to a million.  Tallies by user omit the anonymous user, who
 * has all sessions of the prefix if there is no authentication.  The partial
 * indexes contain only rows that are searched by age or state.
 */
#include "store/local/database.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/file.h"
#include "os/random.h"
#include "store/local/states.h"

/* How long, in milliseconds, a transaction waits for another program. */
#define BUSY_TIMEOUT 5000

/* Updates the tallies when a session leaves. */
#define LEAVE                                                                  \
    " UPDATE prefix_tally SET sessions = sessions - 1"                         \
    "  WHERE prefix = old.prefix;"                                             \
    " UPDATE user_tally SET sessions = sessions - 1"                           \
    "  WHERE old.user <> '' AND prefix = old.prefix AND user = old.user;"      \
    " DELETE FROM user_tally WHERE old.user <> '' AND prefix = old.prefix"     \
    "  AND user = old.user AND sessions = 0;"

/* migrations[v] brings schema version v to v + 1. */
static const char *const migrations[] = {
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE session ("
    " id BLOB PRIMARY KEY,"
    " state INTEGER NOT NULL,"
    " prefix TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " query TEXT NOT NULL,"
    " user TEXT NOT NULL,"
    " url TEXT NOT NULL,"
    " seen INTEGER NOT NULL DEFAULT 0,"
    " total INTEGER,"
    " stored_any INTEGER NOT NULL DEFAULT 0,"
    " created_at INTEGER NOT NULL,"
    " active_at INTEGER NOT NULL,"
    " made INTEGER NOT NULL," /* orders sessions of the same second */
    " delivered_as TEXT NOT NULL DEFAULT '',"
    " ended_by INTEGER,"
    " ended_cause TEXT,"
    " ended_at INTEGER,"
    " synced INTEGER NOT NULL DEFAULT 0,"
    " boot INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL DEFAULT 0"
    ") WITHOUT ROWID;"

    "CREATE INDEX session_age ON session"
    " (prefix, (state = 0 AND stored_any = 0), active_at, made)"
    " WHERE state < 4;"
    "CREATE INDEX session_empty ON session (prefix, user, active_at, made)"
    " WHERE state = 0 AND stored_any = 0 AND user <> '';"
    "CREATE INDEX session_unfinished ON session (prefix, id)"
    " WHERE state IN (1, 4);"
    "CREATE INDEX session_ended ON session (ended_at) WHERE state = 5;"

    "CREATE TABLE prefix_tally ("
    " prefix TEXT PRIMARY KEY, sessions INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE user_tally ("
    " prefix TEXT NOT NULL, user TEXT NOT NULL, sessions INTEGER NOT NULL,"
    " PRIMARY KEY (prefix, user)) WITHOUT ROWID;"
    "CREATE TRIGGER session_made AFTER INSERT ON session BEGIN"
    " INSERT INTO prefix_tally VALUES (new.prefix, 1)"
    "  ON CONFLICT DO UPDATE SET sessions = sessions + 1;"
    " INSERT INTO user_tally SELECT new.prefix, new.user, 1"
    "  WHERE new.user <> '' ON CONFLICT DO UPDATE SET sessions = sessions + 1;"
    "END;"
    "CREATE TRIGGER session_left AFTER UPDATE OF state ON session"
    " WHEN old.state < 4 AND new.state >= 4 BEGIN" LEAVE "END;"
    "CREATE TRIGGER session_deleted AFTER DELETE ON session"
    " WHEN old.state < 4 BEGIN" LEAVE "END;",

    /* The instance of the file system in which bytes were last stored, instead
     * of the boot; 0: not known. */
    "ALTER TABLE session RENAME COLUMN boot TO instance;"
    "UPDATE session SET instance = 0;"
    "DELETE FROM meta WHERE name IN ('boot', 'boot_id');"
    "CREATE TABLE instance ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL UNIQUE);"
    /* The file that has a session's bytes; NULL: not known. */
    "ALTER TABLE session ADD COLUMN staged_device INTEGER;"
    "ALTER TABLE session ADD COLUMN staged_inode INTEGER;"

    /* NULL: none recorded. */
    "ALTER TABLE session ADD COLUMN outcome TEXT;"

    /* Ended sessions, without anything whose size a client controls. */
    "CREATE TABLE marker ("
    " id BLOB PRIMARY KEY,"
    " ended_by INTEGER NOT NULL,"
    " ended_cause TEXT NOT NULL,"
    " ended_at INTEGER NOT NULL,"
    " target BLOB NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE INDEX marker_age ON marker (ended_at);"
    "INSERT INTO marker SELECT id, ended_by, ended_cause, ended_at,"
    " target_digest(user, prefix, name) FROM session WHERE state = 5;"
    "DELETE FROM session WHERE state = 5;"
    "DROP INDEX session_ended;"
    "ALTER TABLE session DROP COLUMN ended_at;"
    "ALTER TABLE session DROP COLUMN query;"
    "ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE session DROP COLUMN url;"

    /* Empty: the same as name. */
    "ALTER TABLE session ADD COLUMN destination TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE session ADD COLUMN own_folders INTEGER NOT NULL DEFAULT 0;"

    /* The folders of each prefix's data files. */
    "CREATE TABLE place ("
    " prefix TEXT PRIMARY KEY,"
    " root TEXT NOT NULL,"
    " staging TEXT NOT NULL,"
    " staging_id TEXT NOT NULL," /* empty: the row is older than the ids */
    " session_timeout INTEGER NOT NULL"
    ") WITHOUT ROWID;"
    "INSERT INTO place SELECT DISTINCT prefix, '', '', '', 1209600"
    " FROM session;"

    /* Users who may deliver one file only; 0: no such rule.  Their deliveries
     * are recorded until the rule ends. */
    "ALTER TABLE session ADD COLUMN once_until INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX session_once ON session (user) WHERE " SQL_LIVE_ONCE ";"
    "CREATE TABLE used_once ("
    " user TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX used_once_age ON used_once (until);"
    "CREATE TRIGGER session_used_once AFTER UPDATE OF state ON session"
    " WHEN " SQL_USES_ONCE " BEGIN"
    " INSERT OR IGNORE INTO used_once VALUES (new.user, new.once_until);"
    "END;"

    /* Conditions that name their states: version 1 compared them by order. */
    "DROP INDEX session_age;"
    "CREATE INDEX session_age ON session"
    " (prefix, " SQL_EMPTY ", active_at, made) WHERE " SQL_LIVE ";"
    "DROP INDEX session_empty;"
    "CREATE INDEX session_empty ON session (prefix, user, active_at, made)"
    " WHERE " SQL_EMPTY_OF_USER ";"
    "DROP INDEX session_unfinished;"
    "CREATE INDEX session_unfinished ON session (prefix, id)"
    " WHERE " SQL_HALF_DONE ";"
    "DROP TRIGGER session_left;"
    "CREATE TRIGGER session_left AFTER UPDATE OF state ON session"
    " WHEN " SQL_LIVE_OF("old.") " AND NOT " SQL_LIVE_OF(
        "new.") " BEGIN" LEAVE "END;"
                "DROP TRIGGER session_deleted;"
                "CREATE TRIGGER session_deleted AFTER DELETE ON session"
                " WHEN " SQL_LIVE_OF("old.") " BEGIN" LEAVE "END;",
};

/* Usage for quotas; owner: "*" is all users, "=NAME" one of them.
 * session.counts_until: the end of the period of the last change; NULL: the
 * session does not count, and costs no statement. */
#define QUOTA_TABLE                                                            \
    "ALTER TABLE session ADD COLUMN counts_until INTEGER;"                     \
    "CREATE TABLE quota ("                                                     \
    " prefix TEXT NOT NULL, owner TEXT NOT NULL,"                              \
    " held_files INTEGER NOT NULL, held_bytes INTEGER NOT NULL,"               \
    " until INTEGER NOT NULL,"                                                 \
    " files INTEGER NOT NULL, bytes INTEGER NOT NULL,"                         \
    " PRIMARY KEY (prefix, owner)) WITHOUT ROWID;"                             \
    "CREATE INDEX quota_age ON quota (until) WHERE held_files = 0;"

/* The total of a session is known: it holds a file and its bytes. */
#define QUOTA_HOLD(owner)                                                      \
    " INSERT INTO quota VALUES (new.prefix, " owner ", 1, new.total, 0, 0, 0)" \
    "  ON CONFLICT DO UPDATE SET held_files = held_files + 1,"                 \
    "  held_bytes = held_bytes + excluded.held_bytes;"

#define QUOTA_FREE(owner)                                                      \
    " UPDATE quota SET held_files = held_files - 1,"                           \
    "  held_bytes = held_bytes - old.total"                                    \
    "  WHERE prefix = old.prefix AND owner = " owner ";"

/* In state DONE it counts for the period instead. */
#define QUOTA_DELIVERED(owner)                                                 \
    " UPDATE quota SET"                                                        \
    "  files = files * (until = new.counts_until) + 1,"                        \
    "  bytes = bytes * (until = new.counts_until) + new.total,"                \
    "  until = new.counts_until"                                               \
    "  WHERE new.state = 3 AND prefix = new.prefix AND owner = " owner ";"

#define ALL_USERS "'*'"
#define USER_OF(row) "'=' || " row "user"

#define QUOTA_TRIGGERS                                                                                     \
    "CREATE TRIGGER quota_held AFTER UPDATE OF total ON session"                                           \
    " WHEN new.counts_until IS NOT NULL AND old.total IS NULL"                                             \
    " AND new.total IS NOT NULL AND " SQL_UNDELIVERED_OF(                                                  \
        "new.") " BEGIN" QUOTA_HOLD(ALL_USERS)                                                             \
        QUOTA_HOLD(                                                                                        \
            USER_OF(                                                                                       \
                "new.")) "END;"                                                                            \
                         "CREATE TRIGGER quota_left AFTER UPDATE OF state ON "                             \
                         "session"                                                                         \
                         " WHEN new.counts_until IS NOT NULL AND new.total "                               \
                         "IS NOT NULL"                                                                     \
                         " AND " SQL_UNDELIVERED_OF(                                                       \
                             "old.") " AND NOT " SQL_UNDELIVERED_OF("new.") " BEGIN" QUOTA_FREE(ALL_USERS) \
                             QUOTA_FREE(USER_OF("old.")) QUOTA_DELIVERED(                                  \
                                 ALL_USERS)                                                                \
                                 QUOTA_DELIVERED(USER_OF(                                                  \
                                     "new.")) "END;"                                                       \
                                              "CREATE TRIGGER quota_deleted "                              \
                                              "AFTER DELETE ON session"                                    \
                                              " WHEN old.counts_until IS NOT "                             \
                                              "NULL AND old.total IS NOT NULL"                             \
                                              " AND " SQL_UNDELIVERED_OF(                                  \
                                                  "old.") " BEGIN" QUOTA_FREE(ALL_USERS)                   \
                                                  QUOTA_FREE(                                              \
                                                      USER_OF("old.")) "END;"

/* The rest of each migration: compilers need not accept longer strings. */
static const char *const continued[] = {"", QUOTA_TABLE QUOTA_TRIGGERS};

#define SCHEMA_VERSION ((int64_t)(sizeof(migrations) / sizeof(migrations[0])))

static bool execute(struct database *database, const char *text)
{
    int r;

    errno = 0; /* SQLite also fails without setting errno */
    r = sqlite3_exec(database->handle, text, NULL, NULL, NULL);

    if (r != SQLITE_OK) {
        database_failed(database, r);
    }
    return r == SQLITE_OK;
}

static bool read_version(struct database *database, int64_t *ret_version)
{
    sqlite3_stmt *statement;
    int r = sqlite3_prepare_v2(database->handle, "PRAGMA user_version", -1,
                               &statement, NULL);

    if (r == SQLITE_OK) {
        r = sqlite3_step(statement);
        *ret_version = sqlite3_column_int64(statement, 0);
        (void)sqlite3_finalize(statement);
    }
    if (r != SQLITE_ROW) {
        database_failed(database, r);
        return false;
    }
    return true;
}

bool database_migrate(struct database *database)
{
    char text[64];
    int64_t version = 0;

    if (!read_version(database, &version)) {
        return false;
    }
    if (version < 0 || version > SCHEMA_VERSION) {
        database->cause = CAUSE_INDEX_FAILED;
        return fault_set(&database->fault,
                         "%s has schema version %" PRId64 ", this bitsd knows"
                         " %" PRId64 "; use the bitsd that made it, or a newer"
                         " one",
                         database->path, version, SCHEMA_VERSION);
    }
    if (version == SCHEMA_VERSION) {
        return true; /* nothing to write: works on a full disk, too */
    }
    for (; version < SCHEMA_VERSION; version++) {
        if (!execute(database, migrations[version]) ||
            !execute(database, continued[version])) {
            return false;
        }
    }
    (void)snprintf(text, sizeof(text), "PRAGMA user_version = %" PRId64,
                   SCHEMA_VERSION);
    return execute(database, text);
}

/* Copies the value; empty if it is not set. */
static void get_meta(struct database *database, const char *name, char *value,
                     size_t size)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_META_GET);

    value[0] = '\0';
    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (database_step(database, statement)) {
        (void)snprintf(value, size, "%s", sqlite3_column_text(statement, 0));
        (void)sqlite3_reset(statement);
    }
}

static void set_meta(struct database *database, const char *name,
                     const char *value)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_META_SET);

    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    (void)database_change(database, statement);
}

static void make_id(struct database *database)
{
    unsigned char random[(DATABASE_ID_SIZE - 1) / 2];

    get_meta(database, "id", database->id, sizeof(database->id));
    if (database->id[0]) {
        return;
    }
    if (!os_random(random, sizeof(random))) {
        database_failed(database, SQLITE_ERROR);
        return;
    }
    for (size_t i = 0; i < sizeof(random); i++) {
        (void)snprintf(database->id + 2 * i, 3, "%02x", random[i]);
    }
    set_meta(database, "id", database->id);
}

int64_t database_get_number(struct database *database, const char *name,
                            int64_t missing)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_META_GET);
    int64_t number = missing;

    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (database_step(database, statement)) {
        number = sqlite3_column_int64(statement, 0);
        (void)sqlite3_reset(statement);
    }
    return number;
}

void database_set_number(struct database *database, const char *name,
                         int64_t number)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_META_SET);

    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, number);
    (void)database_change(database, statement);
}

static int count_pages(void *context, sqlite3 *handle, const char *name,
                       int pages)
{
    struct database *database = context;

    (void)handle;
    (void)name;
    database->wal_pages = pages;
    return SQLITE_OK;
}

/* The file grows in large steps, so that the log can be copied into it and
 * restart on a disk that has become full. */
static void keep_room(sqlite3 *handle)
{
    int leap = 512 * 1024;
    sqlite3_int64 at_least = leap;

    (void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_CHUNK_SIZE, &leap);
    (void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_SIZE_HINT,
                               &at_least);
}

static struct bits_text value_text(sqlite3_value *value)
{
    return text_of((const char *)sqlite3_value_text(value));
}

/* target_digest(user, prefix, name): see store_target_digest(). */
static void sql_target_digest(sqlite3_context *context, int count,
                              sqlite3_value **values)
{
    struct store_target target;

    (void)count;
    if (store_target_digest(value_text(values[0]), value_text(values[1]),
                            value_text(values[2]), &target)) {
        sqlite3_result_blob(context, target.bytes, sizeof(target.bytes),
                            SQLITE_TRANSIENT);
    } else {
        sqlite3_result_error_nomem(context);
    }
}

static bool add_functions(struct database *database)
{
    int r = sqlite3_create_function(database->handle, "target_digest", 3,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                    sql_target_digest, NULL, NULL);

    if (r != SQLITE_OK) {
        database_failed(database, r);
    }
    return r == SQLITE_OK;
}

static bool set_up(struct database *database)
{
    (void)sqlite3_extended_result_codes(database->handle, 1);
    (void)sqlite3_busy_timeout(database->handle, BUSY_TIMEOUT);
    if (!add_functions(database) ||
        !execute(database, "PRAGMA journal_mode = WAL;"
                           "PRAGMA synchronous = FULL;")) {
        return false;
    }
    keep_room(database->handle);
    database->full = true;
    (void)sqlite3_wal_hook(database->handle, count_pages, database);
    /* Schema and id must be durable before a session depends on them. */
    if (!execute(database, "BEGIN IMMEDIATE")) {
        return false;
    }
    if (!database_migrate(database)) {
        return false;
    }
    make_id(database);
    return database_commit(database);
}

bool database_open(struct database *database, const char *folder,
                   uint64_t max_markers)
{
    /* Its statistics cost a mutex at each allocation, and nothing reads them.
     * Refused after the first database, which does no harm. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    *database = (struct database){
        .checkpoint_at = 1000, .max_markers = max_markers, .markers = -1};
    if (asprintf(&database->path, "%s/index.db", folder) < 0) {
        database->path = NULL;
        return fault_set(&database->fault, "no memory");
    }
    if (sqlite3_open_v2(database->path, &database->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        database_failed(database, sqlite3_errcode(database->handle));
        return false;
    }
    return set_up(database);
}
