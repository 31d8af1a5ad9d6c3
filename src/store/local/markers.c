/*
 * store/local/markers.c: see markers.h.
 */
#include "store/local/markers.h"

#include "cause/outcome.h"
#include "store/local/rows.h"

/* The number of markers: counted once, then kept up to date until a transaction
 * fails. */
static int64_t count(struct database *database)
{
    sqlite3_stmt *statement;

    if (database->markers < 0) {
        statement = database_statement(database, STATEMENT_MARKER_COUNT);
        if (database_step(database, statement)) {
            database->markers = sqlite3_column_int64(statement, 0);
            (void)sqlite3_reset(statement);
        }
    }
    return database->markers;
}

/* More than one is dropped at a time only after the limit was lowered. */
#define DROPPED_MAX 64

static void make_room(struct database *database)
{
    int64_t excess = count(database) - (int64_t)database->max_markers;
    sqlite3_stmt *statement;

    if (excess > 0) {
        statement = database_statement(database, STATEMENT_MARKER_DROP_OLDEST);
        (void)sqlite3_bind_int64(statement, 1,
                                 excess < DROPPED_MAX ? excess : DROPPED_MAX);
        database->markers -= database_change(database, statement);
    }
}

bool markers_replace(struct database *database, const struct bits_guid *id,
                     const struct store_ending *ending, int64_t now)
{
    sqlite3_stmt *statement = rows_for_id(database, STATEMENT_MARKER_SET, id);
    char text[OUTCOME_TEXT_MAX];
    int added;

    outcome_format(&ending->outcome, text);
    (void)count(database);
    (void)sqlite3_bind_int(statement, 2, (int)ending->by);
    (void)sqlite3_bind_text(statement, 3, text, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int64(statement, 4, now);
    added = database_change(database, statement);
    if (added == 0) {
        return false;
    }
    database->markers += added;
    rows_delete(database, id);
    make_room(database);
    return true;
}

void markers_forget(struct database *database, int64_t until)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_MARKER_FORGET);

    (void)count(database);
    (void)sqlite3_bind_int64(statement, 1, until);
    database->markers -= database_change(database, statement);
}
