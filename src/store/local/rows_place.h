/*
 * store/local/rows_place.h: the rows of the index about places: where the
 * sessions of a prefix have their data files.
 *
 * Inside a transaction only, like rows.h.
 */
#ifndef STORE_LOCAL_ROWS_PLACE_H
#define STORE_LOCAL_ROWS_PLACE_H

#include "store/local/database.h"

/* Sessions that rows_old_of_prefix() finds at a time. */
#define ROWS_OLD_MAX 64

/* Strings are owned by the row; never NULL in one that was filled. */
struct place_row {
    char *prefix;
    char *root;       /* as configured */
    char *staging;    /* the same */
    char *staging_id; /* what its file of that name held */
    int64_t session_timeout;
};

/* The same, to be written; nothing is owned. */
struct place_row_text {
    const char *prefix;
    const char *root;
    const char *staging;
    const char *staging_id;
    int64_t session_timeout;
};

void place_row_done(struct place_row *row);

/* False: there is no row; *ret_row is empty then. */
bool rows_get_place(struct database *database, const char *prefix,
                    struct place_row *ret_row);

/* The row behind this prefix, "" for the first one. */
bool rows_next_place(struct database *database, const char *prefix,
                     struct place_row *ret_row);

void rows_set_place(struct database *database,
                    const struct place_row_text *row);

/* Only if the prefix has no sessions left. */
void rows_delete_place(struct database *database, const char *prefix);

/* Sessions whose data files must not be lost; counts up to 10000. */
uint64_t rows_count_with_bytes(struct database *database, const char *prefix);

/* Sessions idle since `since` or longer, and those that are ENDING. */
size_t rows_old_of_prefix(struct database *database, const char *prefix,
                          int64_t since, struct bits_guid ret_ids[]);

/* Drops all sessions of the prefix that have not ended; how many. */
uint64_t rows_forget_prefix(struct database *database, const char *prefix);

#endif
