/*
 * store/local/markers.h: what the index remembers about ended sessions.
 *
 * A marker allows a client to repeat the verb that ended a session.  It has
 * that verb, its answer, the time, and a digest of user, prefix and name;
 * neither a name nor a URL, so that markers have the same size whatever a
 * client sends.  Their number is limited: the oldest marker makes room. rows.h
 * reads them.
 *
 * Call inside a transaction only, as with rows.h.
 */
#ifndef STORE_LOCAL_MARKERS_H
#define STORE_LOCAL_MARKERS_H

#include "store/local/database.h"

/* Replaces a session's row by a marker with this verb and answer.  Returns
 * false if there is no such row. */
bool markers_replace(struct database *database, const struct bits_guid *id,
                     const struct store_ending *ending, int64_t now);

/* Drops markers set at `until` or before; a limited number at a time. */
void markers_forget(struct database *database, int64_t until);

#endif
