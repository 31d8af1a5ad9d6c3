/*
 * protocol/transfer_size.h: the size of the next fragment, rules C6 to C10 of
 * docs/protocol.md.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_SIZE_H
#define PROTOCOL_TRANSFER_SIZE_H

#include "protocol/transfer_inside.h"

/* Sets the first size, below the ceiling that an earlier process found. */
void size_init(struct transfer *transfer);

/* After a fragment of `length` bytes failed: the next one has half the size and
 * asks with Expect before it sends its body.  Returns false if the size is at
 * its minimum. */
bool size_halve(struct transfer *transfer, uint64_t length);

/* The server refuses this length, which becomes the ceiling.  Returns false if
 * no smaller size can be tried. */
bool size_refused(struct transfer *transfer, uint64_t length);

/* The same, but the next try uses the smallest size. */
bool size_refused_utterly(struct transfer *transfer, uint64_t length);

/* A fragment of `length` bytes was accepted whole within took_ms: aims at ten
 * seconds per fragment. */
void size_learn(struct transfer *transfer, uint64_t length, uint64_t took_ms);

#endif
