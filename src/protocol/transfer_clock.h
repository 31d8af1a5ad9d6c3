/*
 * protocol/transfer_clock.h: the time that passes and the time to wait,
 * rules C30, C31 and C37 of docs/protocol.md.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_CLOCK_H
#define PROTOCOL_TRANSFER_CLOCK_H

#include "protocol/transfer_inside.h"

/* Milliseconds since; 0 for a clock that went back.  since_ms may lie before
 * the clock's own zero, as 2^64 minus so much. */
uint64_t clock_elapsed(uint64_t now_ms, uint64_t since_ms);

/* The delay before try number `attempt` + 1, never 0.  retry_after_s: what the
 * server asked for. */
uint64_t clock_delay(const struct bits_transfer_options *options,
                     unsigned attempt, uint64_t retry_after_s);

/* After an error: the fallback clock runs if a host id with a timeout is in
 * use. */
void clock_start_fallback(struct transfer *transfer, uint64_t now_ms);

bool clock_fallback_is_due(const struct transfer *transfer, uint64_t now_ms);

/* After an error that may pass: the time without progress runs.  False: it has
 * run out. */
bool clock_may_retry(struct transfer *transfer, uint64_t now_ms);

#endif
