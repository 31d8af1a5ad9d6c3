/*
 * store/local/rows_once.c: see rows_once.h.
 */
#include "store/local/rows_once.h"

#include <string.h>

static sqlite3_stmt *for_user(struct database *database, enum statement which,
                              const char *user)
{
    sqlite3_stmt *statement = database_statement(database, which);

    (void)sqlite3_bind_text(statement, 1, user, -1, SQLITE_STATIC);
    return statement;
}

bool rows_once_is_used(struct database *database, const char *user)
{
    sqlite3_stmt *statement = for_user(database, STATEMENT_ONCE_USED, user);
    bool found = database_step(database, statement);

    (void)sqlite3_reset(statement);
    return found;
}

bool rows_once_live(struct database *database, const char *user,
                    struct bits_guid *ret_id, bool *ret_is_empty)
{
    sqlite3_stmt *statement = for_user(database, STATEMENT_ONCE_LIVE, user);
    bool found =
        database_step(database, statement) &&
        sqlite3_column_bytes(statement, 0) == (int)sizeof(ret_id->bytes);

    if (found) {
        memcpy(ret_id->bytes, sqlite3_column_blob(statement, 0),
               sizeof(ret_id->bytes));
        *ret_is_empty = sqlite3_column_int(statement, 1) != 0;
    }
    (void)sqlite3_reset(statement);
    return found;
}

void rows_once_forget(struct database *database, int64_t before)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_ONCE_FORGET);

    (void)sqlite3_bind_int64(statement, 1, before);
    (void)database_change(database, statement);
}
