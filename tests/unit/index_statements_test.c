/*
 * index_statements_test.c: what SQLite does for each statement of the index.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/local/database.h"

/* By enum statement. */
static const char *const names[] = {
#define STATEMENT(name, sql) #name,
#include "store/local/statements.def"
#undef STATEMENT
};

struct world {
    char folder[32];
    struct database database;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    (void)snprintf(world->folder, sizeof(world->folder), "/tmp/index-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    assert_true(database_open(&world->database, world->folder, 10));
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"index.db", "index.db-wal",
                                        "index.db-shm"};
    struct world *world = *state;
    char path[64];

    database_close(&world->database);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", world->folder, files[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(world->folder), 0);
    free(world);
    return 0;
}

/* How many temporary tables the program of a statement fills, triggers
 * included. */
static unsigned temporary_tables(struct database *database,
                                 enum statement which)
{
    char *sql = sqlite3_mprintf(
        "EXPLAIN %s", sqlite3_sql(database_statement(database, which)));
    sqlite3_stmt *explain;
    unsigned tables = 0;

    assert_int_equal(
        sqlite3_prepare_v2(database->handle, sql, -1, &explain, NULL),
        SQLITE_OK);
    while (sqlite3_step(explain) == SQLITE_ROW) {
        const char *opcode = (const char *)sqlite3_column_text(explain, 1);

        tables += strcmp(opcode, "OpenEphemeral") == 0;
    }
    assert_int_equal(sqlite3_finalize(explain), SQLITE_OK);
    sqlite3_free(sql);
    return tables;
}

static bool is_housekeeping(enum statement which)
{
    return which == STATEMENT_OLD_OF_PREFIX ||
           which == STATEMENT_FORGET_PREFIX || which == STATEMENT_EVICTABLE ||
           which == STATEMENT_MARKER_DROP_OLDEST ||
           which == STATEMENT_QUOTA_FORGET || which == STATEMENT_MARKER_FORGET;
}

static void packets_fill_no_temporary_table(void **state)
{
    struct world *world = *state;

    for (enum statement i = 0; i < STATEMENT_COUNT; i++) {
        if (!is_housekeeping(i) && temporary_tables(&world->database, i) > 0) {
            fail_msg("%s fills a temporary table", names[i]);
        }
    }
}

/* Otherwise the test above proves nothing. */
static void a_temporary_table_is_seen(void **state)
{
    struct world *world = *state;

    assert_true(temporary_tables(&world->database, STATEMENT_EVICTABLE) > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(packets_fill_no_temporary_table, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_temporary_table_is_seen, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
