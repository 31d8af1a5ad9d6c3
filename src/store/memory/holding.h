/*
 * store/memory/holding.h: the rows of sessions and the markers of ended ones,
 * and how old they are.
 *
 * Call all of these with the memory's mutex held.
 */
#ifndef STORE_MEMORY_HOLDING_H
#define STORE_MEMORY_HOLDING_H

#include "store/memory/inside.h"

/* Seconds on the clock by which sessions age.  Jumps of the wall clock do not
 * affect it. */
int64_t memory_age(const struct memory_store *store);

/* Returns NULL if there is no such row. */
struct memory_row *memory_row_find(struct store_memory *memory,
                                   const struct bits_guid *id);

/* Finds the row of a live session, unless another store took it since *session
 * was found. */
enum bits_cause memory_row_claim(struct store_memory *memory,
                                 const struct store_session *session,
                                 struct memory_row **ret_row);

/* Copies the session.  Returns NULL if memory ran out. */
struct memory_row *memory_row_add(struct memory_store *store,
                                  struct memory_prefix *prefix,
                                  const struct store_session *session);

/* Removes a session or a marker, without leaving a marker. */
void memory_row_remove(struct store_memory *memory, struct memory_row *row);

/* Replaces a session by a marker.  Returns false, and changes nothing, if
 * memory ran out. */
bool memory_row_end(struct memory_store *store, struct memory_row *row,
                    const struct store_ending *ending);

/* Copies what learn() and deliver() commit. */
void memory_row_learn(struct memory_row *row,
                      const struct store_session *session);

/* Sets the size of its bytes. */
void memory_row_resize(struct store_memory *memory, struct memory_row *row,
                       uint64_t size);

/* Restarts its time-out. */
void memory_row_renew(struct memory_store *store, struct memory_row *row);

/* Returns true if it never stored a byte. */
bool memory_row_is_empty(const struct memory_row *row);

/* In seconds, without the extra eighth. */
uint64_t memory_row_timeout(const struct memory_row *row);

bool memory_row_is_over(const struct memory_store *store,
                        const struct memory_row *row);

/* Returns false if memory ran out. */
bool memory_row_copy(const struct memory_row *row, struct store_session *ret);

#endif
