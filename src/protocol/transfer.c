/*
 * protocol/transfer.c: how a transfer begins, and its events. transfer_react.c
 * has their effects, transfer_next.c chooses the next action; see
 * transfer_machine.h.
 */
#include <openbits/transfer.h>

#include <string.h>

#include "base/text.h"
#include "protocol/reserved.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_clock.h"
#include "protocol/transfer_machine.h"
#include "protocol/transfer_size.h"
#include "protocol/transfer_url.h"

/* Limit of consecutive unsent packets, each preceded by a Ping. */
#define UNSENT_MAX 3

bool bits_transfer_start(struct bits_transfer *opaque,
                         const struct bits_transfer_options *options)
{
    struct transfer *transfer = transfer_in(opaque);

    if (!RESERVED_IS_ZERO(options) || !RESERVED_IS_ZERO(&options->retry) ||
        !url_is_usable(options->url)) {
        return false;
    }
    *transfer = (struct transfer){.options = *options};
    if (transfer->options.fragment_start == 0) {
        transfer->options.fragment_start = BITS_FRAGMENT_START;
    }
    if (transfer->options.fragment_max == 0) {
        transfer->options.fragment_max = BITS_FRAGMENT_MAX;
    }
    size_init(transfer);
    course_set_phase(transfer);
    return true;
}

static bool is_terminated(const char *room, size_t size)
{
    return memchr(room, '\0', size) != NULL;
}

static bool is_possible(const struct bits_transfer_state *state, uint64_t size)
{
    if (!RESERVED_IS_ZERO(state) ||
        !is_terminated(state->session_id, sizeof(state->session_id)) ||
        !is_terminated(state->host_id, sizeof(state->host_id)) ||
        !is_terminated(state->reply_url, sizeof(state->reply_url))) {
        return false;
    }
    if (state->host_id[0] != '\0' && !url_is_host(text_of(state->host_id))) {
        return false;
    }
    if (state->session_id[0] == '\0') {
        return state->offset == 0 && !state->complete && !state->cancelling &&
               state->best <= size;
    }
    return text_is_visible(text_of(state->session_id)) &&
           state->offset <= state->sent_end && state->sent_end <= size &&
           state->best >= state->offset && state->best <= size &&
           (!state->complete || state->offset == size);
}

bool bits_transfer_resume(struct bits_transfer *opaque,
                          const struct bits_transfer_options *options,
                          const struct bits_transfer_state *state,
                          uint64_t now_ms)
{
    struct transfer *transfer = transfer_in(opaque);

    if (!is_possible(state, options->size) ||
        !bits_transfer_start(opaque, options)) {
        return false;
    }
    transfer->state = *state;
    transfer->fallback_since_ms = now_ms - state->fallback_age_ms;
    transfer->stalled_since_ms = now_ms - state->stalled_ms;
    transfer->contacted = state->session_id[0] != '\0';
    transfer->resumed = true;
    transfer->expect_next = true;
    transfer->ping_first = true;
    size_init(transfer);
    course_set_phase(transfer);
    return true;
}

void bits_transfer_get_state(const struct bits_transfer *opaque,
                             uint64_t now_ms,
                             struct bits_transfer_state *ret_state)
{
    const struct transfer *transfer = transfer_look(opaque);

    *ret_state = transfer->state;
    ret_state->fallback_age_ms =
        clock_elapsed(now_ms, transfer->fallback_since_ms);
    ret_state->stalled_ms = clock_elapsed(now_ms, transfer->stalled_since_ms);
}

void bits_transfer_saved(struct bits_transfer *opaque)
{
    struct transfer *transfer = transfer_in(opaque);

    transfer->unsaved = false;
}

void bits_transfer_answer_status(struct bits_transfer *opaque, unsigned status)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->request.in_flight) {
        answer_init(&transfer->answer, status);
    }
}

void bits_transfer_answer_field(struct bits_transfer *opaque,
                                struct bits_text name, struct bits_text value)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->request.in_flight && transfer->answer.status != 0) {
        answer_field(&transfer->answer, name, value);
    }
}

void bits_transfer_answer_end(struct bits_transfer *opaque, uint64_t now_ms)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->request.in_flight) {
        react_to_answer(transfer, now_ms);
    }
}

void bits_transfer_broken(struct bits_transfer *opaque, uint64_t now_ms,
                          enum bits_transport error, uint64_t body_sent)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->request.in_flight) {
        silence_react(transfer, now_ms, error, body_sent);
    }
}

void bits_transfer_repeated(struct bits_transfer *opaque)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->request.in_flight) {
        transfer->resumed = true;
    }
}

void bits_transfer_unsent(struct bits_transfer *opaque, uint64_t now_ms)
{
    struct transfer *transfer = transfer_in(opaque);
    struct transfer_request request = transfer->request;

    if (!request.in_flight) {
        return;
    }
    course_forget_request(transfer);
    course_uncount_close(transfer, &request);
    answer_init(&transfer->answer, 0);
    if (transfer->abandoning) {
        doubt_abandoned(transfer, now_ms);
        return;
    }
    transfer->ping_first = true;
    transfer->unsent++;
    if (transfer->unsent >= UNSENT_MAX) {
        transfer->unsent = 0;
        course_try_later(
            transfer, now_ms,
            (struct bits_failure){.reason = BITS_REASON_UNSTEADY,
                                  .hresult = 0x80072EFE,
                                  .context = BITS_ERROR_CONTEXT_TRANSPORT});
    }
}

void bits_transfer_local_error(struct bits_transfer *opaque, uint32_t hresult)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->end != TRANSFER_RUNS) {
        return;
    }
    course_forget_request(transfer);
    if (!transfer->state.cancelling) {
        transfer->failure =
            (struct bits_failure){.reason = BITS_REASON_LOCAL,
                                  .hresult = hresult,
                                  .context = BITS_ERROR_CONTEXT_LOCAL_FILE};
        course_end(transfer, TRANSFER_FAILED);
    }
}

void bits_transfer_wake(struct bits_transfer *opaque)
{
    struct transfer *transfer = transfer_in(opaque);

    transfer->waiting = false;
}

void bits_transfer_pause(struct bits_transfer *opaque)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->end == TRANSFER_RUNS) {
        course_forget_request(transfer);
        transfer->paused = true;
    }
}

void bits_transfer_continue(struct bits_transfer *opaque)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->end != TRANSFER_FAILED && !transfer->paused) {
        return;
    }
    transfer->end = TRANSFER_RUNS;
    transfer->paused = false;
    transfer->waiting = false;
    transfer->ping_first = true;
    transfer->resumed = true;
    transfer->state.stalled = false;
    transfer->attempt = 0;
    transfer->restarts = 0;
    transfer->setbacks = 0;
    transfer->same_416 = 0;
    transfer->blind_416 = 0;
    transfer->guess = 0;
    transfer->stray = 0;
    transfer->recreated = false;
    memset(transfer->challenges, 0, sizeof(transfer->challenges));
}

void bits_transfer_cancel(struct bits_transfer *opaque, uint64_t now_ms)
{
    struct transfer *transfer = transfer_in(opaque);

    if (transfer->end == TRANSFER_DONE || transfer->end == TRANSFER_CANCELLED) {
        return;
    }
    course_forget_request(transfer);
    transfer->abandoning = false;
    transfer->end = TRANSFER_RUNS;
    transfer->paused = false;
    transfer->waiting = false;
    transfer->attempt = 0;
    memset(transfer->challenges, 0, sizeof(transfer->challenges));
    if (transfer->state.session_id[0] == '\0') {
        course_end(transfer, TRANSFER_CANCELLED);
        return;
    }
    if (!transfer->state.cancelling) {
        transfer->state.cancelling = true;
        transfer->state.stalled = true;
        transfer->stalled_since_ms = now_ms;
        transfer->unsaved = true;
        course_set_phase(transfer);
    }
}

struct bits_progress bits_transfer_progress(const struct bits_transfer *opaque)
{
    const struct transfer *transfer = transfer_look(opaque);

    return (struct bits_progress){
        .phase = transfer->phase,
        .offset = transfer->state.offset,
        .best = transfer->state.best,
        .size = transfer->options.size,
        .session_id = transfer->state.session_id,
        .reply_url = transfer->state.reply_url,
    };
}
