/*
 * protocol/transfer_course.c: the phase, the session and the host of a
 * transfer, and the ways in which it fails.  See transfer_machine.h.
 */
#include "protocol/transfer_machine.h"

#include <string.h>

#include "base/text.h"
#include "protocol/transfer_clock.h"
#include "protocol/transfer_url.h"

/* Sessions lost without progress before the next one waits for a delay
 * [C39]. */
#define RESTARTS_MAX 3

void course_notify(struct transfer *transfer, enum bits_notice notice)
{
    transfer->notices |= 1u << notice;
}

static enum bits_phase phase_of(const struct transfer *transfer)
{
    const struct bits_transfer_state *state = &transfer->state;

    if (state->cancelling) {
        return BITS_PHASE_CANCEL;
    }
    if (state->session_id[0] == '\0') {
        return BITS_PHASE_CREATE;
    }
    if (transfer->options.size > 0 && !state->complete) {
        return BITS_PHASE_FRAGMENT;
    }
    if (transfer->options.expect_reply && !state->reply_fetched &&
        state->reply_url[0] != '\0') {
        return BITS_PHASE_REPLY;
    }
    return BITS_PHASE_CLOSE;
}

void course_set_phase(struct transfer *transfer)
{
    transfer->phase = phase_of(transfer);
}

void course_forget_request(struct transfer *transfer)
{
    struct transfer_request *request = &transfer->request;

    if (request->ready && !request->in_flight) {
        course_uncount_close(transfer, request);
    }
    *request = (struct transfer_request){.ready = false};
}

void course_uncount_close(struct transfer *transfer,
                          const struct transfer_request *request)
{
    if (!request->is_reply && request->type == BITS_PACKET_CLOSE_SESSION &&
        transfer->state.close_attempts > 0) {
        transfer->state.close_attempts--;
        transfer->unsaved = true;
    }
}

static bool is_listed(const struct bits_transfer_options *options,
                      struct bits_text host)
{
    for (size_t i = 0; i < options->trusted_host_count; i++) {
        if (text_equal_nocase(options->trusted_hosts[i], host)) {
            return true;
        }
    }
    return false;
}

bool course_is_trusted(const struct transfer *transfer)
{
    const struct bits_transfer_options *options = &transfer->options;
    char room[BITS_URL_ROOM];
    struct bits_text url;

    if (!transfer->request.is_reply && !transfer->request.to_host_id) {
        return true;
    }
    url = transfer_url(transfer, room);
    return url_same_origin(url, options->url) ||
           is_listed(options, url_host(url));
}

void course_leave_host(struct transfer *transfer, enum bits_notice notice)
{
    transfer->state.host_id[0] = '\0';
    transfer->state.fallback_running = false;
    transfer->ping_first = true;
    transfer->unsaved = true;
    course_notify(transfer, notice);
}

struct bits_failure course_failure(const struct transfer *transfer,
                                   enum bits_reason reason)
{
    const struct transfer_answer *answer = &transfer->answer;
    struct bits_failure failure = {
        .reason = reason,
        .status = answer->status,
        .hresult = answer_is_success(answer) ? HRESULT_BAD_ANSWER
                                             : judge_hresult(answer),
        .context = judge_context(answer),
    };

    if (reason == BITS_REASON_ANSWER && answer->status >= 300 &&
        answer->status < 400) {
        failure.reason = BITS_REASON_REDIRECTED;
        memcpy(failure.location, answer->location, sizeof(failure.location));
    }
    if (failure.reason == BITS_REASON_ANSWER && answer->ack) {
        memcpy(failure.text, answer->error_text, sizeof(failure.text));
    }
    return failure;
}

void course_end(struct transfer *transfer, enum transfer_end end)
{
    transfer->end = end;
    transfer->waiting = false;
    transfer->unsaved = transfer->unsaved || end == TRANSFER_FAILED;
}

/* C46: a Cancel ends the transfer even if the server did not answer it. */
static void end_in_vain(struct transfer *transfer)
{
    if (transfer->state.cancelling) {
        course_notify(transfer, BITS_NOTICE_CANCEL_UNANSWERED);
        course_end(transfer, TRANSFER_CANCELLED);
    } else {
        course_end(transfer, TRANSFER_FAILED);
    }
}

void course_fail(struct transfer *transfer, uint64_t now_ms,
                 struct bits_failure failure)
{
    clock_start_fallback(transfer, now_ms);
    transfer->failure = failure;
    end_in_vain(transfer);
}

void course_try_later(struct transfer *transfer, uint64_t now_ms,
                      struct bits_failure failure)
{
    uint64_t delay_ms = clock_delay(&transfer->options, transfer->attempt,
                                    transfer->answer.retry_after_s);

    clock_start_fallback(transfer, now_ms);
    failure.temporary = true;
    transfer->failure = failure;
    transfer->ping_first = true;
    transfer->resumed = true;
    transfer->suspect = 0;
    if (!clock_may_retry(transfer, now_ms)) {
        end_in_vain(transfer);
        return;
    }
    transfer->attempt++;
    transfer->waiting = true;
    if (__builtin_add_overflow(now_ms, delay_ms, &transfer->due_ms)) {
        transfer->due_ms = UINT64_MAX;
    }
}

void course_clear_session(struct transfer *transfer)
{
    struct bits_transfer_state *state = &transfer->state;

    state->session_id[0] = '\0';
    state->reply_url[0] = '\0';
    state->offset = 0;
    state->sent_end = 0;
    state->ceiling = 0;
    state->complete = false;
    state->reply_fetched = false;
    state->close_attempts = 0;
    transfer->unsaved = true;
    transfer->resumed = false;
    transfer->abandoning = false;
    transfer->stray = 0;
    transfer->suspect = 0;
    transfer->same_416 = 0;
    transfer->blind_416 = 0;
    transfer->guess = 0;
    transfer->ping_first = false;
}

void course_start_over(struct transfer *transfer, uint64_t now_ms)
{
    struct bits_failure failure = {
        .reason = BITS_REASON_FORGETFUL,
        .hresult = BITS_HR_SESSION_NOT_FOUND,
        .context = BITS_ERROR_CONTEXT_SERVER,
        .status = transfer->answer.status,
    };

    course_clear_session(transfer);
    course_set_phase(transfer);
    course_notify(transfer, BITS_NOTICE_LOST);
    transfer->restarts++;
    if (transfer->restarts >= RESTARTS_MAX) {
        course_try_later(transfer, now_ms, failure);
    }
}
