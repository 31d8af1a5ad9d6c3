/*
 * store/local/database.c: see database.h.
 */
#include "store/local/database.h"

#include <errno.h>
#include <stdlib.h>

#include "os/failure.h"
#include "store/local/states.h"

/* In pages of 4 KiB. */
#define CHECKPOINT_WHEN_IDLE 1000
#define CHECKPOINT_ALWAYS 16000

#define COLUMNS                                                                \
    "id, state, prefix, name, user, seen, total, stored_any, created_at,"      \
    " active_at, delivered_as, ended_by, ended_cause, synced, instance, "      \
    "epoch,"                                                                   \
    " staged_device, staged_inode, outcome, destination, own_folders"

static const char *const sql[STATEMENT_COUNT] = {
#define STATEMENT(name, text) [STATEMENT_##name] = (text),
#include "store/local/statements.def"
#undef STATEMENT
};

static enum bits_cause cause_of_system_error(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
        return os_cause(error);
    case EFBIG:
        return BITS_CAUSE_DISK_FULL; /* the index's own file is too large, not a
                                        session's */
    default:
        return CAUSE_INDEX_FAILED;
    }
}

/* error: errno after the call that failed.  SQLite's own record of errno lacks
 * commits that fail. */
static enum bits_cause cause_of(int result, int error)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CAUSE_INDEX_BUSY;
    case SQLITE_FULL:
        return BITS_CAUSE_DISK_FULL;
    case SQLITE_READONLY:
        return CAUSE_READ_ONLY;
    case SQLITE_NOMEM:
        return CAUSE_OVERLOADED;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return cause_of_system_error(error);
    default:
        return CAUSE_INDEX_FAILED;
    }
}

static const char *remedy(int result, int error, enum bits_cause cause)
{
    if ((result & 0xff) == SQLITE_IOERR && error == EFBIG) {
        return "; it may not grow, raise LimitFSIZE (ulimit -f)";
    }
    if (cause == BITS_CAUSE_DISK_FULL) {
        return "; the disk of the state folder is full, free space";
    }
    if (cause == CAUSE_QUOTA_EXCEEDED) {
        return "; the disk quota is used up, raise it";
    }
    if (cause == CAUSE_READ_ONLY) {
        return "; the file system of the state folder is read-only, check it "
               "and "
               "mount it writable";
    }
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another program holds it, stop that one";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; stop bitsd and restore the file, or move it and the staging "
               "folders away (unfinished uploads start over)";
    default:
        return "";
    }
}

void database_failed(struct database *database, int result)
{
    int error = errno;

    if (database->cause != BITS_CAUSE_OK) {
        return;
    }
    database->cause = cause_of(result, error);
    (void)fault_set(&database->fault, "%s: %s%s", database->path,
                    sqlite3_errmsg(database->handle),
                    remedy(result, error, database->cause));
}

sqlite3_stmt *database_statement(struct database *database,
                                 enum statement which)
{
    sqlite3_stmt **statement = &database->statements[which];
    int r;

    if (!*statement) {
        r = sqlite3_prepare_v3(database->handle, sql[which], -1,
                               SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (r != SQLITE_OK) {
            database_failed(database, r);
            return NULL;
        }
    }
    (void)sqlite3_reset(*statement);
    (void)sqlite3_clear_bindings(*statement);
    return *statement;
}

bool database_step(struct database *database, sqlite3_stmt *statement)
{
    int r;

    if (!statement) {
        return false;
    }
    errno = 0; /* SQLite also fails without setting errno */
    r = sqlite3_step(statement);
    if (r == SQLITE_ROW) {
        return true;
    }
    if (r != SQLITE_DONE) {
        database_failed(database, r);
    }
    (void)sqlite3_reset(statement);
    return false;
}

int database_change(struct database *database, sqlite3_stmt *statement)
{
    (void)database_step(database, statement);
    return database->cause == BITS_CAUSE_OK ? sqlite3_changes(database->handle)
                                            : 0;
}

static bool set_synchronous(struct database *database, bool full)
{
    int r;

    if (full == database->full) {
        return true;
    }
    r = sqlite3_exec(database->handle,
                     full ? "PRAGMA synchronous = FULL"
                          : "PRAGMA synchronous = NORMAL",
                     NULL, NULL, NULL);
    if (r != SQLITE_OK) {
        database_failed(database, r);
        return false;
    }
    database->full = full;
    return true;
}

bool database_begin(struct database *database, enum database_need need)
{
    database->cause = BITS_CAUSE_OK;
    database->fault.text[0] = '\0';
    if (need != DATABASE_READ &&
        !set_synchronous(database, need == DATABASE_DURABLE)) {
        return false;
    }
    (void)database_change(
        database, database_statement(database, need == DATABASE_READ
                                                   ? STATEMENT_BEGIN_READ
                                                   : STATEMENT_BEGIN_WRITE));
    return database->cause == BITS_CAUSE_OK;
}

bool database_commit(struct database *database)
{
    if (database->cause == BITS_CAUSE_OK) {
        (void)database_change(database,
                              database_statement(database, STATEMENT_COMMIT));
    }
    if (database->cause != BITS_CAUSE_OK) {
        database_rollback(database);
        return false;
    }
    return true;
}

void database_rollback(struct database *database)
{
    for (unsigned i = 0; i < STATEMENT_COUNT; i++) {
        if (database->statements[i]) {
            (void)sqlite3_reset(database->statements[i]);
        }
    }
    database->markers = -1;
    /* SQLite rolls back on its own after some failures. */
    if (!sqlite3_get_autocommit(database->handle)) {
        (void)sqlite3_step(database_statement(database, STATEMENT_ROLLBACK));
        (void)sqlite3_reset(database->statements[STATEMENT_ROLLBACK]);
    }
}

void database_checkpoint(struct database *database, enum database_load load)
{
    /* If the log has no room to grow, it can restart from its beginning. */
    bool starved = database->cause == BITS_CAUSE_DISK_FULL ||
                   database->cause == CAUSE_QUOTA_EXCEEDED;
    int left = 0;
    int copied = 0;

    if (!starved &&
        (database->wal_pages < database->checkpoint_at ||
         (load == DATABASE_BUSY &&
          database->wal_pages < database->checkpoint_at + CHECKPOINT_ALWAYS))) {
        return;
    }
    /* A failure only costs space; the next checkpoint retries. */
    (void)sqlite3_wal_checkpoint_v2(database->handle, NULL,
                                    SQLITE_CHECKPOINT_PASSIVE, &left, &copied);
    if (left > 0 && left == copied) {
        database->wal_pages = 0; /* the next commit restarts the log */
        database->checkpoint_at = CHECKPOINT_WHEN_IDLE;
    } else {
        database->checkpoint_at = database->wal_pages + CHECKPOINT_WHEN_IDLE;
    }
}

void database_close(struct database *database)
{
    for (unsigned i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(database->statements[i]);
        database->statements[i] = NULL;
    }
    (void)sqlite3_close(database->handle);
    database->handle = NULL;
    free(database->path);
    database->path = NULL;
}
