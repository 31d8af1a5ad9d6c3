/*
 * store/memory/once.h: users who may deliver one file only.
 *
 * Call all of these with the memory's mutex held.
 */
#ifndef STORE_MEMORY_ONCE_H
#define STORE_MEMORY_ONCE_H

#include "store/memory/answering.h"
#include "store/memory/inside.h"

/* Whether create() may go on: see store.h. */
enum bits_cause memory_admit_once(struct memory_call *call);

/* Records a delivery of the user.  Returns false if memory ran out. */
bool memory_use_once(struct memory_call *call, const struct memory_row *row);

/* The delivery has failed. */
void memory_unuse_once(struct memory_call *call, const struct memory_row *row);

#endif
