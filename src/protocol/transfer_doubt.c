/*
 * protocol/transfer_doubt.c: refusals of a Fragment with an ambiguous cause: a
 * server that lost the session, a proxy's error page, or a limit of body size.
 * Rules C40, C49 and C50 of docs/protocol.md.  See transfer_machine.h.
 */
#include "protocol/transfer_machine.h"
#include "protocol/transfer_size.h"

/* Consecutive answers 416 without an offset after which the client tries the
 * end of what it sent, and then a new session [C50]. */
#define BLIND_GUESS 2

/* Replaces the session by a new one, at most once between two steps of
 * progress.  Cancels the old session so that the server need not keep its bytes
 * for days. */
static bool abandon(struct transfer *transfer)
{
    if (transfer->recreated) {
        return false;
    }
    transfer->recreated = true;
    transfer->abandoning = true;
    return true;
}

/* Called whatever the answer to that Cancel was. */
void doubt_abandoned(struct transfer *transfer, uint64_t now_ms)
{
    transfer->abandoning = false;
    course_start_over(transfer, now_ms);
}

/* Servers that lost a session answer with these statuses; 502 to 504 always
 * come from a proxy. */
static bool may_mean_lost(unsigned status)
{
    return status == 400 || status == 404 || status == 500;
}

/* Some proxies check the size of a body late, or only while they forward it,
 * and do not answer 413 for it. */
static bool may_mean_size(unsigned status)
{
    return status == 500 || status == 502;
}

/* The next try has half the size.  Meanwhile the session is not in doubt. */
static bool suspect_size(struct transfer *transfer, uint64_t length)
{
    if (!size_halve(transfer, length)) {
        return false;
    }
    transfer->suspect = length;
    transfer->resumed = false;
    return true;
}

/* The second such page, with an acknowledged Ping in between. */
static bool react_to_second(struct transfer *transfer,
                            const struct transfer_request *request,
                            unsigned status)
{
    transfer->stray = 0;
    if (transfer->stray_resumed && abandon(transfer)) {
        return true;
    }
    if (!may_mean_size(status)) {
        return false;
    }
    return suspect_size(transfer, request->length) ||
           (may_mean_lost(status) && abandon(transfer));
}

/* Without an Ack the answer is a proxy's and says nothing about the session:
 * the first such page is ignored. */
static bool react_to_stranger(struct transfer *transfer,
                              const struct transfer_request *request,
                              uint64_t now_ms)
{
    unsigned status = transfer->answer.status;

    if (!may_mean_lost(status) && !may_mean_size(status)) {
        return false;
    }
    if (transfer->stray == status) {
        return react_to_second(transfer, request, status);
    }
    transfer->stray = status;
    transfer->stray_resumed = transfer->resumed && may_mean_lost(status);
    if (!transfer->stray_resumed) {
        return false;
    }
    course_try_later(transfer, now_ms,
                     course_failure(transfer, BITS_REASON_ANSWER));
    return true;
}

bool doubt_refused(struct transfer *transfer,
                   const struct transfer_request *request, uint64_t now_ms)
{
    const struct transfer_answer *answer = &transfer->answer;

    if (bits_error_find(answer->error_code)) {
        return false; /* a known code means what it says */
    }
    if (!answer->ack) {
        return react_to_stranger(transfer, request, now_ms);
    }
    return transfer->resumed && may_mean_lost(answer->status) &&
           abandon(transfer);
}

void doubt_settle(struct transfer *transfer)
{
    /* A fragment of half the size was accepted at once: the size was the
     * cause. */
    if (transfer->suspect != 0) {
        (void)size_refused(transfer, transfer->suspect);
    }
    transfer->suspect = 0;
    transfer->stray = 0;
}

void doubt_blind_416(struct transfer *transfer, uint64_t now_ms)
{
    const struct bits_transfer_state *state = &transfer->state;
    enum bits_reason reason = transfer->answer.ack
                                  ? BITS_REASON_NO_OFFSET
                                  : BITS_REASON_NO_OFFSET_NO_ACK;

    transfer->guess = 0;
    transfer->blind_416++;
    if (transfer->blind_416 == BLIND_GUESS && state->offset < state->sent_end &&
        state->sent_end < transfer->options.size) {
        transfer->guess = state->sent_end;
        return;
    }
    if (transfer->blind_416 >= BLIND_GUESS && abandon(transfer)) {
        return;
    }
    course_try_later(transfer, now_ms, course_failure(transfer, reason));
}
