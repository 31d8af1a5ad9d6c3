/*
 * store/local/database.h: the SQLite database of the index: opening,
 * statements, transactions, and what its errors mean.
 *
 * One thread uses it at a time.  Opening, the schema and migrations are in
 * schema.c.
 */
#ifndef STORE_LOCAL_DATABASE_H
#define STORE_LOCAL_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/compiler.h"
#include "store/store.h"

enum statement {
#define STATEMENT(name, sql) STATEMENT_##name,
#include "store/local/statements.def"
#undef STATEMENT
    STATEMENT_COUNT
};

/* "32 hex digits", terminated. */
#define DATABASE_ID_SIZE 33

struct database {
    sqlite3 *handle;
    char *path;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    bool full;                 /* PRAGMA synchronous is FULL */
    int wal_pages;             /* length of the write-ahead log */
    int checkpoint_at;         /* pages at which it is copied back */
    char id[DATABASE_ID_SIZE]; /* of this index, made when it was created */
    uint64_t max_markers;
    int64_t markers; /* how many there are; -1: not counted; see markers.c */

    /* The first failure since database_begin(). */
    enum bits_cause cause;
    struct fault fault;
};

/* Opens or creates folder/index.db, brings the schema up to date.
 * max_markers: how many ended sessions are remembered.  False:
 * database->fault says what to do. */
bool database_open(struct database *database, const char *folder,
                   uint64_t max_markers) MUST_USE;

/* Brings an open, empty or older database to the present schema. */
bool database_migrate(struct database *database) MUST_USE;

/* Closes whatever is open. */
void database_close(struct database *database);

enum database_need {
    DATABASE_READ,    /* changes nothing */
    DATABASE_WRITE,   /* what it changes survives the death of the process */
    DATABASE_DURABLE, /* and a power cut, with everything before it */
};

/* A transaction: begin, statements, commit.  False: it was rolled back, cause
 * and fault say why.  The database can be used again. */
bool database_begin(struct database *database,
                    enum database_need need) MUST_USE;
bool database_commit(struct database *database) MUST_USE;

/* Gives up the transaction. */
void database_rollback(struct database *database);

/* Do further transactions wait? */
enum database_load { DATABASE_IDLE, DATABASE_BUSY };

/* Copies the log back when it has grown, and when there is time or it has
 * grown too much; and when the last transaction found no room on the disk. */
void database_checkpoint(struct database *database, enum database_load load);

/* The statement, reset and without values; NULL after a failure. */
sqlite3_stmt *database_statement(struct database *database,
                                 enum statement which);

/* Runs it to its next row.  True: there is one.  After the last row, and
 * after a failure, it is reset. */
bool database_step(struct database *database, sqlite3_stmt *statement);

/* Runs a statement that has no rows; how many rows it changed. */
int database_change(struct database *database, sqlite3_stmt *statement);

/* A number that the index keeps by name, in a transaction; `missing` if it has
 * none. */
int64_t database_get_number(struct database *database, const char *name,
                            int64_t missing);
void database_set_number(struct database *database, const char *name,
                         int64_t number);

/* Records a failure; the first one stays. */
void database_failed(struct database *database, int result);

#endif
