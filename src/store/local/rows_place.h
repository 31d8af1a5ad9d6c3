/*
 * store/local/rows_place.h: the rows of the index about places: where the data
 * files of a prefix are.
 *
 * Call inside a transaction only, as with rows.h.
 */
#ifndef STORE_LOCAL_ROWS_PLACE_H
#define STORE_LOCAL_ROWS_PLACE_H

#include "store/local/database.h"

/* The most sessions that rows_old_of_prefix() returns. */
#define ROWS_OLD_MAX 64

/* The row owns the strings; never NULL in a filled row. */
struct place_row {
    char *prefix;
    char *root;       /* as configured */
    char *staging;    /* as configured */
    char *staging_id; /* from the file in it */
    int64_t session_timeout;
};

/* The same for writing; owns nothing. */
struct place_row_text {
    const char *prefix;
    const char *root;
    const char *staging;
    const char *staging_id;
    int64_t session_timeout;
};

void place_row_done(struct place_row *row);

/* Returns false, with an empty *ret_row, if there is no row. */
bool rows_get_place(struct database *database, const char *prefix,
                    struct place_row *ret_row);

/* The next row after this prefix; "" for the first one.  Returns false after
 * the last one. */
bool rows_next_place(struct database *database, const char *prefix,
                     struct place_row *ret_row);

void rows_set_place(struct database *database,
                    const struct place_row_text *row);

/* Does nothing if the prefix still has sessions. */
void rows_delete_place(struct database *database, const char *prefix);

/* Counts sessions whose data files must not be lost, up to 10000. */
uint64_t rows_count_with_bytes(struct database *database, const char *prefix);

/* Sessions idle since `since` or longer, and those that are ENDING. */
size_t rows_old_of_prefix(struct database *database, const char *prefix,
                          int64_t since, struct bits_guid ret_ids[]);

/* Drops all sessions of the prefix that have not ended.  Returns how many. */
uint64_t rows_forget_prefix(struct database *database, const char *prefix);

#endif
