/*
 * protocol/transfer_silence.c: what happens if a request gets no answer: rules
 * C10, C26 and C38 of docs/protocol.md.  See transfer_machine.h.
 */
#include "protocol/transfer_clock.h"
#include "protocol/transfer_machine.h"
#include "protocol/transfer_size.h"

static struct bits_failure failure_of_silence(enum bits_transport error)
{
    return (struct bits_failure){
        .reason = BITS_REASON_TRANSPORT,
        .hresult = judge_silence(error),
        .context = BITS_ERROR_CONTEXT_TRANSPORT,
    };
}

void silence_react(struct transfer *transfer, uint64_t now_ms,
                   enum bits_transport error, uint64_t body_sent)
{
    const struct transfer_request request = transfer->request;
    bool halved;

    course_forget_request(transfer);
    transfer->answer = (struct transfer_answer){.status = 0};
    transfer->resumed = true;
    if (transfer->abandoning) {
        doubt_abandoned(transfer, now_ms);
        return;
    }
    if (error < BITS_TRANSPORT_TIMEOUT) {
        course_uncount_close(transfer, &request);
    }
    if (error == BITS_TRANSPORT_CERTIFICATE && request.to_host_id) {
        course_leave_host(transfer, BITS_NOTICE_HOST_CERTIFICATE);
        return;
    }
    if (error == BITS_TRANSPORT_CERTIFICATE ||
        error == BITS_TRANSPORT_CLIENT_CERTIFICATE) {
        course_fail(transfer, now_ms, failure_of_silence(error));
        return;
    }
    halved = request.type == BITS_PACKET_FRAGMENT && !request.is_reply &&
             body_sent > 0 && size_halve(transfer, request.length);
    if (halved && error == BITS_TRANSPORT_BROKEN) {
        clock_start_fallback(transfer, now_ms);
        transfer->ping_first = true; /* retry at once, with half the size */
        return;
    }
    course_try_later(transfer, now_ms, failure_of_silence(error));
}
