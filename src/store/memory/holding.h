/*
 * store/memory/holding.h: the rows of sessions and the markers of ended ones,
 * and how old they are.
 *
 * The memory's mutex is held in all of these.
 */
#ifndef STORE_MEMORY_HOLDING_H
#define STORE_MEMORY_HOLDING_H

#include "store/memory/inside.h"

/* Seconds by the clock that sessions age by.  No jump of the wall clock moves
 * it. */
int64_t memory_age(const struct memory_store *store);

/* NULL: there is none. */
struct memory_row *memory_row_find(struct store_memory *memory,
                                   const struct bits_guid *id);

/* The row of a live session that no other store took since *session was
 * found. */
enum bits_cause memory_row_claim(struct store_memory *memory,
                                 const struct store_session *session,
                                 struct memory_row **ret_row);

/* Copies the session.  NULL: no memory. */
struct memory_row *memory_row_add(struct memory_store *store,
                                  struct memory_prefix *prefix,
                                  const struct store_session *session);

/* Leaves nothing.  Accepts a marker. */
void memory_row_remove(struct store_memory *memory, struct memory_row *row);

/* Leaves a marker.  False: no memory; nothing has changed. */
bool memory_row_end(struct memory_store *store, struct memory_row *row,
                    const struct store_ending *ending);

/* Takes over what learn() and deliver() commit. */
void memory_row_learn(struct memory_row *row,
                      const struct store_session *session);

/* Writes the new size of its bytes. */
void memory_row_resize(struct store_memory *memory, struct memory_row *row,
                       uint64_t size);

/* The time-out starts anew. */
void memory_row_renew(struct memory_store *store, struct memory_row *row);

/* Did it never store a byte? */
bool memory_row_is_empty(const struct memory_row *row);

/* Seconds without its eighth of grace. */
uint64_t memory_row_timeout(const struct memory_row *row);

bool memory_row_is_over(const struct memory_store *store,
                        const struct memory_row *row);

/* False: no memory. */
bool memory_row_copy(const struct memory_row *row, struct store_session *ret);

#endif
