/*
 * protocol/transfer_clock.h: elapsed time and delays, rules C30, C31 and C37 of
 * docs/protocol.md.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_CLOCK_H
#define PROTOCOL_TRANSFER_CLOCK_H

#include "protocol/transfer_inside.h"

/* Milliseconds since since_ms; 0 if the clock went back. since_ms may lie
 * before the clock's zero, as a wrapped 64-bit number. */
uint64_t clock_elapsed(uint64_t now_ms, uint64_t since_ms);

/* The delay before try number `attempt` + 1, never 0. retry_after_s: from the
 * server's Retry-After. */
uint64_t clock_delay(const struct bits_transfer_options *options,
                     unsigned attempt, uint64_t retry_after_s);

/* Call after an error: starts the fallback clock if a host id with a timeout is
 * in use. */
void clock_start_fallback(struct transfer *transfer, uint64_t now_ms);

bool clock_fallback_is_due(const struct transfer *transfer, uint64_t now_ms);

/* Call after a temporary error: starts the clock of the time without progress.
 * Returns false if that time has run out. */
bool clock_may_retry(struct transfer *transfer, uint64_t now_ms);

#endif
