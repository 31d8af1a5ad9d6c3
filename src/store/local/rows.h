/*
 * store/local/rows.h: the rows of the index.
 *
 * Call inside a transaction only.  The database records failures; the returned
 * values are undefined then.
 */
#ifndef STORE_LOCAL_ROWS_H
#define STORE_LOCAL_ROWS_H

#include "store/local/database.h"
#include "store/local/tail.h"

/* Whether a byte of the session was stored at some time.  Sessions without
 * bytes expire earlier. */
enum row_bytes { ROW_WITHOUT_BYTES, ROW_WITH_BYTES };

/* A packet arrived, at a time of local_age_now(). */
struct row_touch {
    struct bits_guid id;
    int64_t active_at;
    bool stored_any;
};

/* A statement with the id bound to its first parameter. */
sqlite3_stmt *rows_for_id(struct database *database, enum statement which,
                          const struct bits_guid *id);

/* The number of an instance of a file system, given by os_instance(); a new
 * number for a new instance. */
int64_t rows_instance(struct database *database, const char *identity);

/* The session does not count for quotas. */
#define ROW_COUNTS_NOT INT64_MIN

/* Inserts a session. counts_until: the end of the period in which it counts for
 * quotas.  Returns false if the id is taken. */
bool rows_insert(struct database *database, const struct store_session *session,
                 int64_t counts_until);

/* Fills *ret_session.  Returns BITS_CAUSE_SESSION_UNKNOWN if there is no such
 * row. */
enum bits_cause rows_get(struct database *database, const struct bits_guid *id,
                         struct store_session *ret_session);

/* The same for an ended session: ENDED, with ended_by, ended and target, and
 * with empty strings. */
enum bits_cause rows_get_marker(struct database *database,
                                const struct bits_guid *id,
                                struct store_session *ret_session);

/* Returns true if a session that has not ended has this id. */
bool rows_exist(struct database *database, const struct bits_guid *id);

/* These return false if there is no row to change. */
bool rows_learn(struct database *database, const struct store_session *session);
bool rows_record(struct database *database, const struct bits_guid *id,
                 const struct bits_outcome *outcome);
bool rows_touch(struct database *database, const struct row_touch *touch);

/* session->synced bytes of its epoch in its staged file are durable. */
bool rows_synced(struct database *database,
                 const struct store_session *session);

/* All bytes above `synced` were given up. */
bool rows_give_up(struct database *database, const struct bits_guid *id,
                  int64_t new_epoch, uint64_t synced);

/* Stores the state of the file at the first find() after the file system was
 * mounted. */
bool rows_renew(struct database *database, const struct store_session *session);

/* The move to session->delivered_as begins.  Changes nothing if the bytes are
 * no longer those of the session's epoch. */
bool rows_delivering(struct database *database,
                     const struct store_session *session, int64_t now);

/* How a move ended. */
struct row_outcome {
    enum store_state state; /* RETRY, RECEIVING or DONE */
    const char *delivered_as;
    uint64_t synced;      /* at least so many bytes are durable */
    int64_t counts_until; /* as for rows_insert(), if the session counts */
};

bool rows_outcome(struct database *database, const struct bits_guid *id,
                  const struct row_outcome *outcome);

bool rows_ending(struct database *database, const struct bits_guid *id,
                 const struct store_ending *ending);

void rows_delete(struct database *database, const struct bits_guid *id);

/* Counts sessions that have not ended; user NULL: of all users. */
uint64_t rows_count(struct database *database, const char *prefix,
                    const char *user);

/* Sessions of a user without bytes, the longest idle first; at most max ids. */
size_t rows_oldest_empty(struct database *database, const char *prefix,
                         const char *user, struct bits_guid *ret_ids,
                         size_t max);

/* A candidate to make room; see STATEMENT_EVICTABLE. */
struct row_evictable {
    struct bits_guid id;
    bool own;     /* belongs to the owner that was asked for */
    int of_owner; /* how many of the candidates have its owner */
};

/* Of the longest idle sessions of the newcomer's prefix, those of its owner
 * first, then those of the owner with most of them.  An owner is a user, or the
 * address of an anonymous client. */
size_t rows_evictable(struct database *database,
                      const struct store_session *newcomer,
                      enum row_bytes bytes, struct row_evictable *ret_rows,
                      size_t max);

/* Finds a delivered one among the longest idle sessions.  Returns false if
 * no such session exists. */
bool rows_oldest_delivered(struct database *database, const char *prefix,
                           struct bits_guid *ret_id);

/* Adds sessions idle since `since` or longer to the page. */
void rows_expired(struct database *database, const char *prefix,
                  enum row_bytes bytes, int64_t since, struct store_page *page);

/* Fills the page with the next live sessions after the cursor, and advances
 * it. */
void rows_list(struct database *database, struct store_cursor *cursor,
               struct store_page *page);

/* Releases what a failed transaction had read. */
void rows_empty_page(struct store_page *page);

/* The next row after *after that is DELIVERING or ENDING.  Returns false if
 * no such row follows. */
bool rows_next_unfinished(struct database *database, const char *prefix,
                          const struct bits_guid *after,
                          struct store_session *ret_session);

#endif
