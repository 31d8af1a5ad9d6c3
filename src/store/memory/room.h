/*
 * store/memory/room.h: chooses the session that makes room for a new one.
 */
#ifndef STORE_MEMORY_ROOM_H
#define STORE_MEMORY_ROOM_H

#include "store/memory/answering.h"

/* Ends sessions until the call's session has room; see create() of the
 * contract.  Call with the memory's mutex held. */
enum bits_cause memory_make_room(struct memory_call *call);

#endif
