/*
 * protocol/transfer_judge.c: see transfer_judge.h.  Comments name the rules of
 * docs/protocol.md.
 */
#include "protocol/transfer_judge.h"

#include "protocol/transfer_answer.h"

/* C25, the class table. */
static enum verdict judge_class(unsigned status)
{
    switch (status) {
    case 408:
    case 409:
    case 421:
    case 425:
    case 429:
        return VERDICT_TRANSIENT;
    case 501:
    case 505:
        return VERDICT_FINAL;
    default:
        return status >= 300 && status < 500 ? VERDICT_FINAL
                                             : VERDICT_TRANSIENT;
    }
}

/* C24. */
static enum verdict judge_status(enum bits_packet_type type, unsigned status)
{
    if (status == 409 && type == BITS_PACKET_CREATE_SESSION) {
        return VERDICT_FINAL; /* the file exists */
    }
    if (status == 413 && type == BITS_PACKET_FRAGMENT) {
        return VERDICT_SHRINK;
    }
    return judge_class(status);
}

/* C23: 1xx to 4xx are final, 5xx are retried. */
static enum verdict judge_ending(const struct transfer_answer *answer)
{
    switch (answer->status) {
    case 421:
    case 425:
    case 429:
        return VERDICT_TRANSIENT;
    case 501:
        return answer->error_code == BITS_HR_ACCESS_DENIED ? VERDICT_FINAL
                                                           : VERDICT_TRANSIENT;
    default:
        return answer->status >= 100 && answer->status < 500
                   ? VERDICT_FINAL
                   : VERDICT_TRANSIENT;
    }
}

/* A 416 is about the offset even if it has error headers: some servers send the
 * application's context with every 416.  An application's own 416 comes only
 * when every byte was received [C14]. */
static bool is_resync(enum bits_packet_type type,
                      const struct transfer_answer *answer, uint64_t size)
{
    return type == BITS_PACKET_FRAGMENT && answer->status == 416 &&
           (answer->error_context != BITS_ERROR_CONTEXT_APPLICATION ||
            (answer->has_next && answer->next < size)) &&
           answer->error_code != BITS_HR_SESSION_NOT_FOUND;
}

static enum verdict judge_error(enum bits_packet_type type,
                                const struct transfer_answer *answer)
{
    if (answer->error_context == BITS_ERROR_CONTEXT_APPLICATION) {
        return judge_class(answer->status); /* C19 */
    }
    if (answer->status == 401 || answer->status == 407) {
        return VERDICT_CHALLENGE; /* C20 */
    }
    if (answer->error_code == BITS_HR_SESSION_NOT_FOUND) {
        return VERDICT_NO_SESSION; /* C21 */
    }
    if (answer->error_code == BITS_HR_INVALID_ARGUMENT) {
        return VERDICT_FINAL; /* C22 */
    }
    if (type == BITS_PACKET_CLOSE_SESSION ||
        type == BITS_PACKET_CANCEL_SESSION) {
        return judge_ending(answer);
    }
    if (answer->error_code == BITS_HR_TOO_LARGE) {
        return type == BITS_PACKET_FRAGMENT ? VERDICT_TOO_LARGE : VERDICT_FINAL;
    }
    return judge_status(type, answer->status); /* C24 */
}

enum verdict judge(enum bits_packet_type type,
                   const struct transfer_answer *answer, uint64_t size)
{
    if (answer_is_success(answer)) {
        return answer->ack && !answer->repeated ? VERDICT_SUCCESS
                                                : VERDICT_NOT_ACK;
    }
    if (is_resync(type, answer, size)) {
        return VERDICT_RESYNC;
    }
    return judge_error(type, answer);
}

enum verdict judge_reply(const struct transfer_answer *answer)
{
    if (answer_is_success(answer)) {
        return VERDICT_SUCCESS;
    }
    if (answer->status == 401 || answer->status == 407) {
        return VERDICT_CHALLENGE;
    }
    return judge_class(answer->status);
}

uint32_t judge_hresult(const struct transfer_answer *answer)
{
    if (answer->error_code > INT32_MAX && !answer_is_success(answer)) {
        return answer->error_code;
    }
    return HRESULT_OF_STATUS + (answer->status & 0xffff);
}

enum bits_error_context judge_context(const struct transfer_answer *answer)
{
    return answer->error_context == BITS_ERROR_CONTEXT_APPLICATION
               ? BITS_ERROR_CONTEXT_APPLICATION
               : BITS_ERROR_CONTEXT_SERVER;
}

uint32_t judge_silence(enum bits_transport error)
{
    static const uint32_t hresults[] = {
        [BITS_TRANSPORT_OFFLINE] = 0x80200010,
        [BITS_TRANSPORT_RESOLVE] = 0x80072EE7,
        [BITS_TRANSPORT_CONNECT] = 0x80072EFD,
        [BITS_TRANSPORT_TLS] = 0x80072F7D,
        [BITS_TRANSPORT_CERTIFICATE] = 0x80072F8F,
        [BITS_TRANSPORT_CLIENT_CERTIFICATE] = 0x80072F0C,
        [BITS_TRANSPORT_TIMEOUT] = 0x800705B4,
        [BITS_TRANSPORT_BROKEN] = 0x80072EFE,
        [BITS_TRANSPORT_NOT_HTTP] = HRESULT_BAD_ANSWER,
    };

    return hresults[error];
}
