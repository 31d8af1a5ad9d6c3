/*
 * store/memory/room.h: which session makes room for a new one.
 */
#ifndef STORE_MEMORY_ROOM_H
#define STORE_MEMORY_ROOM_H

#include "store/memory/answering.h"

/* Ends sessions until that of the call has a place; see create() of the
 * contract.  The memory's mutex is held. */
enum bits_cause memory_make_room(struct memory_call *call);

#endif
