/*
 * protocol/transfer_size.h: how large the next fragment is, rules C6 to C10
 * of docs/protocol.md.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_SIZE_H
#define PROTOCOL_TRANSFER_SIZE_H

#include "protocol/transfer_inside.h"

/* The first size, below the ceiling that a former process met. */
void size_init(struct transfer *transfer);

/* Halves, for the next try of a fragment of `length` bytes, which asks with
 * Expect before it sends its body.  False: it is as small as it gets. */
bool size_halve(struct transfer *transfer, uint64_t length);

/* The server refuses this length: the ceiling.  False: and nothing smaller can
 * be tried. */
bool size_refused(struct transfer *transfer, uint64_t length);

/* The same, and the next try is the smallest there is. */
bool size_refused_utterly(struct transfer *transfer, uint64_t length);

/* The fragment of `length` bytes was taken whole within so many milliseconds:
 * aim at ten seconds a fragment. */
void size_learn(struct transfer *transfer, uint64_t length, uint64_t took_ms);

#endif
