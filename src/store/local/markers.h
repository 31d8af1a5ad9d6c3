/*
 * store/local/markers.h: what the index remembers of sessions that have ended.
 *
 * A marker lets the verb that ended a session be repeated: it holds that verb
 * and its answer, when that was, and a digest of who may ask for what; no name
 * and no URL, so that markers cost the same whatever a client sends.  Their
 * number is bounded: the oldest one makes room.  rows.h reads them.
 *
 * Inside a transaction only, as rows.h.
 */
#ifndef STORE_LOCAL_MARKERS_H
#define STORE_LOCAL_MARKERS_H

#include "store/local/database.h"

/* A session's row becomes a marker with this verb and answer.  False: there is
 * no such row. */
bool markers_replace(struct database *database, const struct bits_guid *id,
                     const struct store_ending *ending, int64_t now);

/* Drops markers set at `until` or before; a bounded number of them. */
void markers_forget(struct database *database, int64_t until);

#endif
