/*
 * protocol/transfer_judge.h: what an answer means for its packet, rules C17 to
 * C27 of docs/protocol.md, one answer at a time.  Rules that depend on earlier
 * answers (C7 to C16, C29, C39 to C41) belong to the machine.
 */
#ifndef PROTOCOL_TRANSFER_JUDGE_H
#define PROTOCOL_TRANSFER_JUDGE_H

#include <openbits/transfer.h>

#include "protocol/transfer_answer.h"

/* The HRESULT of a bare HTTP status [MS-ERREF 2.1, facility 25]. */
#define HRESULT_OF_STATUS 0x80190000u

/* The answer is not valid. */
#define HRESULT_BAD_ANSWER 0x80072F78u

enum verdict {
    VERDICT_SUCCESS,
    VERDICT_NOT_ACK,    /* 2xx, but not from a BITS server: temporary */
    VERDICT_RESYNC,     /* 416 with an offset */
    VERDICT_SHRINK,     /* 413 */
    VERDICT_TOO_LARGE,  /* 0x80200020: try one small fragment, then final */
    VERDICT_CHALLENGE,  /* 401, 407 */
    VERDICT_NO_SESSION, /* 0x8020001F */
    VERDICT_TRANSIENT,
    VERDICT_FINAL,
};

enum verdict judge(enum bits_packet_type type,
                   const struct transfer_answer *answer, uint64_t size);

/* The same for the GET of a reply. */
enum verdict judge_reply(const struct transfer_answer *answer);

/* The HRESULT to report: the error code of the answer if it is an error,
 * otherwise that of the status. */
uint32_t judge_hresult(const struct transfer_answer *answer);
enum bits_error_context judge_context(const struct transfer_answer *answer);

/* The HRESULT to report when no answer arrived. */
uint32_t judge_silence(enum bits_transport error);

#endif
