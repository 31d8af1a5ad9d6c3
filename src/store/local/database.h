/*
 * store/local/database.h: the SQLite database of the index: statements,
 * transactions, and the causes of its errors.
 *
 * One thread uses it at a time. schema.c opens and migrates it.
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
    int checkpoint_at;         /* pages at which it is checkpointed */
    char id[DATABASE_ID_SIZE]; /* of this index; set when it was created */
    uint64_t max_markers;
    int64_t markers; /* how many exist; -1: not counted yet; see markers.c */

    /* The first failure since database_begin(). */
    enum bits_cause cause;
    struct fault fault;
};

/* Opens or creates folder/index.db and migrates the schema. max_markers: the
 * limit of remembered ended sessions.  Returns false with the remedy in
 * database->fault if that failed. */
bool database_open(struct database *database, const char *folder,
                   uint64_t max_markers) MUST_USE;

/* Migrates an open database (empty or older) to the present schema. */
bool database_migrate(struct database *database) MUST_USE;

/* Closes whatever is open. */
void database_close(struct database *database);

enum database_need {
    DATABASE_READ,    /* changes nothing */
    DATABASE_WRITE,   /* its changes survive the death of the process */
    DATABASE_DURABLE, /* and a power cut, with all earlier changes */
};

/* A transaction: begin, statements, commit.  Returns false if it was rolled
 * back; cause and fault have the reason.  The database remains usable. */
bool database_begin(struct database *database,
                    enum database_need need) MUST_USE;
bool database_commit(struct database *database) MUST_USE;

/* Abandons the transaction. */
void database_rollback(struct database *database);

/* Whether further transactions wait. */
enum database_load { DATABASE_IDLE, DATABASE_BUSY };

/* Checkpoints the log when it has grown and the index is idle, or has grown too
 * much, or when the last transaction found the disk full. */
void database_checkpoint(struct database *database, enum database_load load);

/* The statement, reset and without values.  Returns NULL after a failure. */
sqlite3_stmt *database_statement(struct database *database,
                                 enum statement which);

/* Steps to the next row.  Returns true if there is one.  After the last row and
 * after a failure it is reset. */
bool database_step(struct database *database, sqlite3_stmt *statement);

/* Runs a statement that returns no rows.  Returns how many rows it changed. */
int database_change(struct database *database, sqlite3_stmt *statement);

/* Reads a number that the index keeps by name, in a transaction.  Returns
 * `missing` if it is not set. */
int64_t database_get_number(struct database *database, const char *name,
                            int64_t missing);
void database_set_number(struct database *database, const char *name,
                         int64_t number);

/* Records a failure; the first one is kept. */
void database_failed(struct database *database, int result);

#endif
