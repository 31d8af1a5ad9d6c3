/*
 * protocol/transfer_react.c: the effects of an answer: rules C29, C33 to C41
 * and C45 of docs/protocol.md.  See transfer_machine.h.
 */
#include <string.h>

#include "protocol/transfer_machine.h"

/* The row of `challenges` for the reply. */
#define REPLY_ROW (BITS_PACKET_CANCEL_SESSION + 1)

_Static_assert(sizeof(((struct transfer *)NULL)->challenges) /
                       sizeof(((struct transfer *)NULL)->challenges[0]) >
                   REPLY_ROW,
               "each kind of request has its row");

static unsigned row_of(const struct transfer_request *request)
{
    return request->is_reply ? REPLY_ROW : (unsigned)request->type;
}

static void begin_session(struct transfer *transfer)
{
    const struct transfer_answer *answer = &transfer->answer;
    struct bits_transfer_state *state = &transfer->state;

    course_clear_session(transfer);
    memcpy(state->session_id, answer->session_id, sizeof(state->session_id));
    memcpy(state->host_id, answer->host_id, sizeof(state->host_id));
    state->fallback_timeout_s = answer->fallback_timeout_s;
    state->fallback_running = false;
    if (state->close_lost == BITS_CLOSE_LOST_RESTARTING) {
        state->close_lost = BITS_CLOSE_LOST_RESTARTED;
    }
    transfer->expect_next = true;
    transfer->ping_first = state->host_id[0] != '\0';
    course_notify(transfer, BITS_NOTICE_CREATED);
    if (state->host_id[0] != '\0') {
        course_notify(transfer, BITS_NOTICE_HOST);
    }
    if (answer->host_id_invalid) {
        course_notify(transfer, BITS_NOTICE_HOST_ID_INVALID);
    }
}

static void on_created(struct transfer *transfer, uint64_t now_ms)
{
    struct bits_failure failure;

    if (transfer->answer.protocol_other) {
        failure = course_failure(transfer, BITS_REASON_PROTOCOL);
        failure.hresult = HRESULT_PROTOCOL_MISMATCH;
        course_fail(transfer, now_ms, failure);
        return;
    }
    if (transfer->answer.session_id[0] == '\0') {
        course_try_later(transfer, now_ms,
                         course_failure(transfer, BITS_REASON_NO_SESSION_ID));
        return;
    }
    begin_session(transfer);
    if (transfer->options.expect_reply && transfer->options.size == 0) {
        /* Only the Ack of the last byte names a reply. */
        course_fail(transfer, now_ms,
                    course_failure(transfer, BITS_REASON_REPLY_MISSING));
    }
    course_set_phase(transfer);
}

static void on_success(struct transfer *transfer,
                       const struct transfer_request *request, uint64_t now_ms)
{
    if (request->is_reply) {
        transfer->state.reply_fetched = true;
        transfer->unsaved = true;
        course_set_phase(transfer);
        return;
    }
    switch (request->type) {
    case BITS_PACKET_PING:
        transfer->ping_first = false;
        break;
    case BITS_PACKET_CREATE_SESSION:
        on_created(transfer, now_ms);
        break;
    case BITS_PACKET_FRAGMENT:
        fragment_accepted(transfer, request, now_ms);
        break;
    case BITS_PACKET_CLOSE_SESSION:
        course_end(transfer, TRANSFER_DONE);
        break;
    case BITS_PACKET_CANCEL_SESSION:
        course_end(transfer, TRANSFER_CANCELLED);
        break;
    }
}

/* 401 and 407: the same packet with credentials, once [C33, C34]. */
static void on_challenge(struct transfer *transfer,
                         const struct transfer_request *request, bool trusted,
                         uint64_t now_ms)
{
    const struct bits_transfer_options *options = &transfer->options;
    bool proxy = transfer->answer.status == 407;
    bool at_hand =
        proxy ? options->has_proxy_credentials : options->has_credentials;
    uint8_t *challenges = &transfer->challenges[row_of(request)][proxy];

    course_uncount_close(transfer, request);
    if (request->to_host_id && !trusted) {
        course_leave_host(transfer, BITS_NOTICE_HOST_UNTRUSTED);
        return;
    }
    if (!at_hand || (!trusted && !proxy)) {
        course_fail(transfer, now_ms,
                    course_failure(transfer, BITS_REASON_CREDENTIALS_MISSING));
        return;
    }
    if (*challenges > 0) {
        course_fail(transfer, now_ms,
                    course_failure(transfer, BITS_REASON_CREDENTIALS_REFUSED));
        return;
    }
    (*challenges)++;
    transfer->armed[proxy] = true;
    if (request->type == BITS_PACKET_FRAGMENT && !request->is_reply) {
        transfer->ping_first = true;
    }
}

/* Fails and forgets the session: on a retry a Create may tell more than another
 * Close. */
static void fail_unknown(struct transfer *transfer, uint64_t now_ms)
{
    const struct bits_failure failure =
        course_failure(transfer, BITS_REASON_CLOSE_LOST);

    course_clear_session(transfer);
    course_set_phase(transfer);
    transfer->state.close_lost = BITS_CLOSE_LOST_RESTARTING;
    course_fail(transfer, now_ms, failure);
}

/* Close found no session: either an earlier Close worked, or the server lost
 * every byte.  The client starts over once, which repairs the second case.  It
 * never takes a file as delivered without an Ack [D-25, C41]. */
static void on_close_without_session(struct transfer *transfer, uint64_t now_ms)
{
    struct bits_transfer_state *state = &transfer->state;

    if (state->close_attempts <= 1 &&
        state->close_lost == BITS_CLOSE_LOST_NEVER) {
        state->close_lost = BITS_CLOSE_LOST_RESTARTING;
        course_start_over(transfer, now_ms);
    } else {
        fail_unknown(transfer, now_ms);
    }
}

static void on_no_session(struct transfer *transfer,
                          const struct transfer_request *request,
                          uint64_t now_ms)
{
    if (transfer->state.cancelling) {
        course_end(transfer, TRANSFER_CANCELLED);
    } else if (request->type == BITS_PACKET_CLOSE_SESSION) {
        on_close_without_session(transfer, now_ms);
    } else {
        course_start_over(transfer, now_ms);
    }
}

/* Returns true if the first answer does not come from a BITS server [C29]. */
static bool is_no_bits_server(const struct transfer *transfer)
{
    const struct transfer_answer *answer = &transfer->answer;

    return !transfer->contacted &&
           (answer_is_success(answer) || answer->status == 404 ||
            answer->status == 405 || answer->status == 501);
}

static enum bits_reason reason_of(const struct transfer *transfer,
                                  const struct transfer_request *request,
                                  enum verdict verdict)
{
    unsigned status = transfer->answer.status;

    if (request->is_reply) {
        return BITS_REASON_ANSWER;
    }
    if (is_no_bits_server(transfer)) {
        return BITS_REASON_NOT_BITS;
    }
    if (!transfer->contacted && status == 400) {
        return BITS_REASON_MISTAKEN;
    }
    if (verdict == VERDICT_NOT_ACK) {
        return BITS_REASON_NOT_ACK;
    }
    if (verdict == VERDICT_SHRINK) {
        return BITS_REASON_FRAGMENT_REFUSED;
    }
    if (request->type == BITS_PACKET_CLOSE_SESSION &&
        verdict == VERDICT_FINAL) {
        bool empty = transfer->options.size == 0;

        return empty && (status == 400 || status == 416)
                   ? BITS_REASON_EMPTY_REFUSED
                   : BITS_REASON_CLOSE_REFUSED;
    }
    return BITS_REASON_ANSWER;
}

/* Every byte was acknowledged, the session was lost, and the server refuses the
 * new Create: the file may exist or not [C41]. */
static bool is_delivery_unknown(const struct transfer *transfer,
                                const struct transfer_request *request)
{
    const struct transfer_answer *answer = &transfer->answer;

    return !request->is_reply && request->type == BITS_PACKET_CREATE_SESSION &&
           transfer->state.close_lost == BITS_CLOSE_LOST_RESTARTING &&
           answer->error_context != BITS_ERROR_CONTEXT_APPLICATION &&
           (answer->status == 403 || answer->status == 409);
}

static void on_error(struct transfer *transfer,
                     const struct transfer_request *request,
                     enum verdict verdict, uint64_t now_ms)
{
    struct bits_failure failure =
        course_failure(transfer, reason_of(transfer, request, verdict));
    bool passes = verdict == VERDICT_TRANSIENT || verdict == VERDICT_NOT_ACK;

    if (is_delivery_unknown(transfer, request)) {
        fail_unknown(transfer, now_ms);
        return;
    }
    if (!request->is_reply && request->type == BITS_PACKET_FRAGMENT &&
        fragment_second_chance(transfer, request, verdict, now_ms)) {
        return;
    }
    if (failure.reason == BITS_REASON_NOT_BITS &&
        transfer->options.foreground) {
        passes = false;
    }
    if (passes) {
        course_try_later(transfer, now_ms, failure);
    } else {
        course_fail(transfer, now_ms, failure);
    }
}

void react_to_answer(struct transfer *transfer, uint64_t now_ms)
{
    const struct transfer_request request = transfer->request;
    const struct transfer_answer *answer = &transfer->answer;
    bool trusted = course_is_trusted(transfer);
    enum verdict verdict =
        request.is_reply ? judge_reply(answer)
                         : judge(request.type, answer, transfer->options.size);

    course_forget_request(transfer);
    transfer->contacted =
        transfer->contacted || (answer->ack && !request.is_reply);
    if (request.is_reply || request.type != BITS_PACKET_PING) {
        transfer->unsent = 0;
    }
    if (transfer->abandoning) {
        doubt_abandoned(transfer, now_ms);
        return;
    }
    if (verdict == VERDICT_SUCCESS || verdict == VERDICT_RESYNC) {
        memset(transfer->challenges[row_of(&request)], 0,
               sizeof(transfer->challenges[0]));
    }
    switch (verdict) {
    case VERDICT_SUCCESS:
        on_success(transfer, &request, now_ms);
        break;
    case VERDICT_RESYNC:
        fragment_resync(transfer, &request, now_ms);
        break;
    case VERDICT_CHALLENGE:
        on_challenge(transfer, &request, trusted, now_ms);
        break;
    case VERDICT_NO_SESSION:
        on_no_session(transfer, &request, now_ms);
        break;
    case VERDICT_NOT_ACK:
    case VERDICT_SHRINK:
    case VERDICT_TOO_LARGE:
    case VERDICT_TRANSIENT:
    case VERDICT_FINAL:
        on_error(transfer, &request, verdict, now_ms);
        break;
    }
}
