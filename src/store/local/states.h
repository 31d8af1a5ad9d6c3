/*
 * store/local/states.h: sets of states, for statements and for the conditions
 * of the schema.
 *
 * SQLite uses a partial index only for a query that repeats its condition, so
 * statements and schema share this text: after a change here, a migration must
 * create the indexes again.  The numbers are those of enum store_state.
 */
#ifndef STORE_LOCAL_STATES_H
#define STORE_LOCAL_STATES_H

/* A set has one bit for each state: SQLite evaluates IN with more than two
 * numbers by filling a temporary table, at each execution. */

/* store_is_live(), for a row in a trigger. */
#define SQL_LIVE_OF(row) "(15 >> " row "state & 1)"
#define SQL_LIVE SQL_LIVE_OF("")

/* store_is_undelivered() */
#define SQL_UNDELIVERED_OF(row) "(7 >> " row "state & 1)"
#define SQL_UNDELIVERED SQL_UNDELIVERED_OF("")

/* DELIVERING and ENDING: states that a crash may have interrupted. */
#define SQL_HALF_DONE "state IN (1, 4)"

/* RECEIVING without a byte; 0 or 1. */
#define SQL_EMPTY "(state = 0 AND stored_any = 0)"

/* The same for a named user. */
#define SQL_EMPTY_OF_USER "state = 0 AND stored_any = 0 AND user <> ''"

/* Live, of a user who may deliver one file only. */
#define SQL_LIVE_ONCE "once_until <> 0 AND " SQL_LIVE

/* In a trigger: the file of such a user is delivered.  A row that is still
 * DELIVERING when its session ends was delivered, too. */
#define SQL_USES_ONCE                                                          \
    "new.once_until <> 0 AND"                                                  \
    " (new.state = 3 OR (old.state = 1 AND new.state = 4))"

#endif
