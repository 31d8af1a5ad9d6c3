/*
 * store/local/rows_place.c: see rows_place.h.
 */
#include "store/local/rows_place.h"

#include <stdlib.h>
#include <string.h>

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

/* A statement with the prefix bound to its first parameter. */
static sqlite3_stmt *for_prefix(struct database *database, enum statement which,
                                const char *prefix)
{
    sqlite3_stmt *statement = database_statement(database, which);

    bind_text(statement, 1, prefix);
    return statement;
}

static char *column_text(sqlite3_stmt *statement, int at)
{
    const unsigned char *text = sqlite3_column_text(statement, at);

    return strdup(text ? (const char *)text : "");
}

void place_row_done(struct place_row *row)
{
    free(row->prefix);
    free(row->root);
    free(row->staging);
    free(row->staging_id);
    *row = (struct place_row){.prefix = NULL};
}

static bool read_place(struct database *database, sqlite3_stmt *statement,
                       struct place_row *ret_row)
{
    *ret_row = (struct place_row){.prefix = NULL};
    if (!database_step(database, statement)) {
        return false;
    }
    *ret_row = (struct place_row){
        .prefix = column_text(statement, 0),
        .root = column_text(statement, 1),
        .staging = column_text(statement, 2),
        .staging_id = column_text(statement, 3),
        .session_timeout = sqlite3_column_int64(statement, 4),
    };
    (void)sqlite3_reset(statement);
    if (!ret_row->prefix || !ret_row->root || !ret_row->staging ||
        !ret_row->staging_id) {
        database_failed(database, SQLITE_NOMEM);
        place_row_done(ret_row);
        return false;
    }
    return true;
}

bool rows_get_place(struct database *database, const char *prefix,
                    struct place_row *ret_row)
{
    return read_place(
        database, for_prefix(database, STATEMENT_PLACE_GET, prefix), ret_row);
}

bool rows_next_place(struct database *database, const char *prefix,
                     struct place_row *ret_row)
{
    return read_place(
        database, for_prefix(database, STATEMENT_PLACE_NEXT, prefix), ret_row);
}

void rows_set_place(struct database *database, const struct place_row_text *row)
{
    sqlite3_stmt *statement =
        for_prefix(database, STATEMENT_PLACE_SET, row->prefix);

    bind_text(statement, 2, row->root);
    bind_text(statement, 3, row->staging);
    bind_text(statement, 4, row->staging_id);
    (void)sqlite3_bind_int64(statement, 5, row->session_timeout);
    (void)database_change(database, statement);
}

void rows_delete_place(struct database *database, const char *prefix)
{
    (void)database_change(database,
                          for_prefix(database, STATEMENT_PLACE_DELETE, prefix));
}

uint64_t rows_count_with_bytes(struct database *database, const char *prefix)
{
    sqlite3_stmt *statement =
        for_prefix(database, STATEMENT_COUNT_WITH_BYTES, prefix);
    uint64_t count = 0;

    if (database_step(database, statement)) {
        count = (uint64_t)sqlite3_column_int64(statement, 0);
        (void)sqlite3_reset(statement);
    }
    return count;
}

size_t rows_old_of_prefix(struct database *database, const char *prefix,
                          int64_t since, struct bits_guid ret_ids[])
{
    sqlite3_stmt *statement =
        for_prefix(database, STATEMENT_OLD_OF_PREFIX, prefix);
    size_t count = 0;

    (void)sqlite3_bind_int64(statement, 2, since);
    while (count < ROWS_OLD_MAX && database_step(database, statement)) {
        if (sqlite3_column_bytes(statement, 0) == sizeof(ret_ids->bytes)) {
            memcpy(ret_ids[count++].bytes, sqlite3_column_blob(statement, 0),
                   sizeof(ret_ids->bytes));
        }
    }
    (void)sqlite3_reset(statement);
    return count;
}

uint64_t rows_forget_prefix(struct database *database, const char *prefix)
{
    return (uint64_t)database_change(
        database, for_prefix(database, STATEMENT_FORGET_PREFIX, prefix));
}
