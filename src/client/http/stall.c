/*
 * client/http/stall.c: see stall.h.
 *
 * The limits are those of MC-BUP for a request and an answer, but a large body
 * on a slow connection is not stalled as long as bytes move [C32].
 */
#include "client/http/stall.h"

#include <openbits/transfer.h>

void stall_init(struct stall *stall, uint64_t now_ms)
{
    *stall = (struct stall){.moved_ms = now_ms};
}

bool stall_note(struct stall *stall, const struct stall_facts *facts,
                uint64_t now_ms)
{
    uint64_t limit_ms = facts->sent < facts->body_size
                            ? BITS_SEND_TIMEOUT_MS
                            : BITS_RECEIVE_TIMEOUT_MS;

    if (facts->sent != stall->last.sent ||
        facts->received != stall->last.received || facts->paused) {
        stall->moved_ms = now_ms;
    }
    if (facts->head_whole && !stall->last.head_whole) {
        stall->head_ms = now_ms;
    }
    stall->last = *facts;
    if (facts->head_whole) {
        return now_ms - stall->head_ms >= STALL_TAIL_MS;
    }
    return now_ms - stall->moved_ms >= limit_ms;
}
