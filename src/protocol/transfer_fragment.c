/*
 * protocol/transfer_fragment.c: which bytes are sent next, and the answers to
 * them.  The offset is what the server says, even if it decreases [MC-BUP
 * 3.1.5.1.4, 3.1.5.2.4].  See transfer_machine.h.
 */
#include <string.h>

#include "base/smaller.h"
#include "base/text.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_clock.h"
#include "protocol/transfer_machine.h"
#include "protocol/transfer_size.h"
#include "protocol/transfer_url.h"

/* Consecutive answers 416 with the same offset [C12]. */
#define SAME_416_MAX 3

/* Offsets without progress before the next try waits for a delay [C15]. */
#define SETBACKS_MAX 3

/* With a server that does not know Expect the client waits in vain; sending a
 * small body costs less than that wait [C4]. */
static bool wants_expect(const struct transfer *transfer, uint64_t length)
{
    return transfer->expect_next && !transfer->expect_never &&
           (length >= BITS_EXPECT_MIN || transfer->refused_early);
}

/* If the server has every byte but no final Ack came, sends the last bytes
 * again to get one [C13]. */
void fragment_prepare(struct transfer *transfer,
                      struct transfer_request *request)
{
    struct bits_transfer_state *state = &transfer->state;
    uint64_t size = transfer->options.size;

    request->offset = transfer->guess != 0 ? transfer->guess : state->offset;
    request->length = smaller(transfer->length, size - request->offset);
    if (request->length == 0) {
        request->length =
            smaller(smaller(BITS_FRAGMENT_MIN, transfer->length), size);
        request->offset = size - request->length;
    }
    request->expect = wants_expect(transfer, request->length);
    if (request->offset + request->length > state->sent_end) {
        state->sent_end = request->offset + request->length;
        transfer->unsaved = true;
    }
}

static void progress(struct transfer *transfer)
{
    transfer->state.best = transfer->state.offset;
    transfer->state.stalled = false;
    transfer->attempt = 0;
    transfer->restarts = 0;
    transfer->setbacks = 0;
    transfer->recreated = false;
}

/* Takes over the offset that the server announced.  Returns false if the
 * transfer starts over or waits for a delay instead. */
static bool take_offset(struct transfer *transfer, uint64_t next,
                        uint64_t now_ms)
{
    struct bits_transfer_state *state = &transfer->state;
    bool advance = next > state->offset;

    if (next > state->sent_end) {
        course_start_over(transfer, now_ms); /* an outdated or false offset
                                                [C16] */
        return false;
    }
    transfer->resumed = false;
    state->offset = next;
    course_notify(transfer, BITS_NOTICE_PROGRESS);
    if (next > state->best) {
        progress(transfer);
        return true;
    }
    transfer->setbacks += advance ? 0 : 1;
    if (transfer->setbacks < SETBACKS_MAX) {
        return true;
    }
    transfer->setbacks = 0;
    course_try_later(transfer, now_ms,
                     course_failure(transfer, BITS_REASON_NO_ADVANCE));
    return false;
}

static void keep_reply_url(struct transfer *transfer, uint64_t now_ms)
{
    const struct transfer_answer *answer = &transfer->answer;
    struct bits_text reply = text_of(answer->reply_url);
    char room[BITS_URL_ROOM];

    if (!answer->has_reply_url) {
        course_fail(transfer, now_ms,
                    course_failure(transfer, BITS_REASON_REPLY_MISSING));
        return;
    }
    if (answer->reply_url_too_long ||
        (reply.len > 0 &&
         url_of_reply(transfer->options.url, reply, room).len == 0)) {
        course_fail(transfer, now_ms,
                    course_failure(transfer, BITS_REASON_REPLY_URL));
        return;
    }
    if (reply.len == 0) {
        course_notify(transfer, BITS_NOTICE_NO_REPLY);
    }
    transfer->state.complete = true;
    memcpy(transfer->state.reply_url, answer->reply_url,
           sizeof(answer->reply_url));
}

/* The server has every byte and confirms it with success. */
static void complete(struct transfer *transfer, uint64_t now_ms)
{
    struct bits_transfer_state *state = &transfer->state;

    state->offset = transfer->options.size;
    transfer->resumed = false;
    transfer->unsaved = true;
    course_notify(transfer, BITS_NOTICE_PROGRESS);
    if (state->offset > state->best) {
        progress(transfer);
    }
    if (transfer->options.expect_reply) {
        keep_reply_url(transfer, now_ms);
    } else {
        state->complete = true;
    }
    course_set_phase(transfer);
}

void fragment_accepted(struct transfer *transfer,
                       const struct transfer_request *request, uint64_t now_ms)
{
    const struct transfer_answer *answer = &transfer->answer;
    uint64_t end = request->offset + request->length;
    uint64_t next = answer->has_next ? answer->next : end;

    transfer->state.fallback_running = false;
    transfer->expect_next = false;
    transfer->same_416 = 0;
    transfer->blind_416 = 0;
    transfer->guess = 0;
    doubt_settle(transfer);
    if (answer->next_malformed) {
        course_try_later(transfer, now_ms,
                         course_failure(transfer, BITS_REASON_NO_OFFSET));
        return;
    }
    if (next == end) {
        size_learn(transfer, request->length,
                   clock_elapsed(now_ms, request->sent_at_ms));
    }
    if (next == transfer->options.size && next <= transfer->state.sent_end) {
        complete(transfer, now_ms);
    } else {
        (void)take_offset(transfer, next, now_ms); /* continues either way */
    }
}

static bool is_the_third(struct transfer *transfer, uint64_t next)
{
    if (transfer->same_416 == 0 || transfer->last_416 != next) {
        transfer->same_416 = 0;
        transfer->last_416 = next;
    }
    transfer->same_416++;
    return transfer->same_416 >= SAME_416_MAX;
}

void fragment_resync(struct transfer *transfer,
                     const struct transfer_request *request, uint64_t now_ms)
{
    const struct transfer_answer *answer = &transfer->answer;

    transfer->stray = 0;
    if (!answer->has_next || answer->repeated) {
        doubt_blind_416(transfer, now_ms);
        return;
    }
    transfer->blind_416 = 0;
    transfer->guess = 0;
    if (!take_offset(transfer, answer->next, now_ms)) {
        return;
    }
    if (is_the_third(transfer, answer->next) ||
        answer->next == request->offset) {
        transfer->same_416 = 0;
        course_try_later(transfer, now_ms,
                         course_failure(transfer, BITS_REASON_NO_ADVANCE));
    }
}

bool fragment_second_chance(struct transfer *transfer,
                            const struct transfer_request *request,
                            enum verdict verdict, uint64_t now_ms)
{
    const struct transfer_answer *answer = &transfer->answer;

    if (verdict == VERDICT_SHRINK) {
        return size_refused(transfer, request->length);
    }
    if (verdict == VERDICT_TOO_LARGE) {
        return size_refused_utterly(transfer, request->length);
    }
    if (answer->error_context == BITS_ERROR_CONTEXT_APPLICATION) {
        return false;
    }
    if (doubt_refused(transfer, request, now_ms)) {
        return true;
    }
    if (answer->status == 404 && !answer->ack) {
        return size_refused(transfer, request->length);
    }
    if (answer->status == 417 && request->expect) {
        transfer->expect_never = true;
        return true;
    }
    return false;
}
