/*
 * store/local/retiring.h: removes the data and the row of sessions that end
 * without a request.
 */
#ifndef STORE_LOCAL_RETIRING_H
#define STORE_LOCAL_RETIRING_H

#include "store/local/private.h"

/* Removes the data and the row of an ENDING session.  Any thread; returns at
 * once. */
void local_remove_evicted(struct store_place *place,
                          const struct bits_guid *id);

/* Finishes sessions that were ENDING when the last process died. */
enum bits_cause local_recover(struct store_place *place,
                              struct fault *ret_fault);

#endif
