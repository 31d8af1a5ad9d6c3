/*
 * protocol/transfer_next.c: which action comes next, and the request that is
 * sent with it [MC-BUP 3.1.5.1].  See transfer_machine.h.
 */
#include <string.h>

#include "protocol/transfer_answer.h"
#include "protocol/transfer_clock.h"
#include "protocol/transfer_machine.h"

static enum bits_packet_type next_packet(const struct transfer *transfer)
{
    if (transfer->abandoning) {
        return BITS_PACKET_CANCEL_SESSION;
    }
    if (transfer->ping_first && transfer->phase != BITS_PHASE_CANCEL) {
        return BITS_PACKET_PING;
    }
    switch (transfer->phase) {
    case BITS_PHASE_CREATE:
        return BITS_PACKET_CREATE_SESSION;
    case BITS_PHASE_FRAGMENT:
        return BITS_PACKET_FRAGMENT;
    case BITS_PHASE_REPLY:
        break;
    case BITS_PHASE_CLOSE:
        return BITS_PACKET_CLOSE_SESSION;
    case BITS_PHASE_CANCEL:
        return BITS_PACKET_CANCEL_SESSION;
    }
    return BITS_PACKET_PING;
}

/* Prepares the next request.  The state must be saved before it is sent. */
static void prepare(struct transfer *transfer, uint64_t now_ms)
{
    struct transfer_request *request = &transfer->request;

    if (clock_fallback_is_due(transfer, now_ms)) {
        course_leave_host(transfer, BITS_NOTICE_HOST_SILENT);
    }
    *request = (struct transfer_request){
        .ready = true,
        .is_reply =
            transfer->phase == BITS_PHASE_REPLY && !transfer->ping_first,
        .type = next_packet(transfer),
    };
    request->to_host_id =
        !request->is_reply && transfer->state.host_id[0] != '\0';
    if (request->type == BITS_PACKET_FRAGMENT) {
        fragment_prepare(transfer, request);
    } else if (request->type == BITS_PACKET_CLOSE_SESSION) {
        transfer->state.close_attempts++;
        transfer->unsaved = true;
    }
}

/* Returns true if credentials were refused, and none of that kind accepted
 * since. */
static bool is_challenged(const struct transfer *transfer)
{
    static const uint8_t none[sizeof(transfer->challenges)];

    return memcmp(transfer->challenges, none, sizeof(none)) != 0;
}

static void send_request(struct transfer *transfer, uint64_t now_ms,
                         struct bits_action *action)
{
    struct transfer_request *request = &transfer->request;

    request->in_flight = true;
    request->sent_at_ms = now_ms;
    answer_init(&transfer->answer, 0);
    action->kind =
        request->is_reply ? BITS_ACTION_FETCH_REPLY : BITS_ACTION_SEND;
    action->type = request->type;
    action->offset = request->offset;
    action->length = request->length;
    action->expect = request->expect;
    action->to_host_id = request->to_host_id;
    action->trusted = course_is_trusted(transfer);
    action->credentials = transfer->armed[0] && action->trusted;
    action->proxy_credentials = transfer->armed[1];
    action->challenged = is_challenged(transfer);
}

/* Takes the first notice off the set. */
static enum bits_notice take_notice(struct transfer *transfer)
{
    unsigned notice = 0;

    while ((transfer->notices & 1u << notice) == 0) {
        notice++;
    }
    transfer->notices &= ~(1u << notice);
    return (enum bits_notice)notice;
}

/* Actions that need no request: before the first and after the last. */
static bool next_is_no_request(struct transfer *transfer, uint64_t now_ms,
                               struct bits_action *action)
{
    if (transfer->notices != 0) {
        action->kind = BITS_ACTION_NOTIFY;
        action->notice = take_notice(transfer);
    } else if (transfer->end == TRANSFER_DONE) {
        action->kind = BITS_ACTION_DONE;
    } else if (transfer->end == TRANSFER_CANCELLED) {
        action->kind = BITS_ACTION_CANCELLED;
    } else if (transfer->unsaved) {
        action->kind = BITS_ACTION_SAVE;
    } else if (transfer->end == TRANSFER_FAILED) {
        action->kind = BITS_ACTION_FAILED;
        action->failure = &transfer->failure;
    } else if (transfer->paused) {
        action->kind = BITS_ACTION_PAUSED;
    } else if (transfer->request.in_flight) {
        action->kind = BITS_ACTION_AWAIT;
    } else if (transfer->waiting && now_ms < transfer->due_ms) {
        action->kind = BITS_ACTION_WAIT;
        action->until_ms = transfer->due_ms;
        action->failure = &transfer->failure;
    } else {
        return false;
    }
    return true;
}

void bits_transfer_next(struct bits_transfer *opaque, uint64_t now_ms,
                        struct bits_action *ret_action)
{
    struct transfer *transfer = transfer_in(opaque);
    struct bits_action action = {.kind = BITS_ACTION_AWAIT};

    if (!next_is_no_request(transfer, now_ms, &action)) {
        transfer->waiting = false;
        if (!transfer->request.ready) {
            prepare(transfer, now_ms);
        }
        if (!next_is_no_request(transfer, now_ms, &action)) {
            send_request(transfer, now_ms, &action);
        }
    }
    *ret_action = action;
}
