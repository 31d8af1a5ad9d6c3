/*
 * upload/verdict.c: see verdict.h.
 */
#include "upload/verdict.h"

#include "base/text.h"
#include "upload/events.h"

void request_answer(struct upload_request *request, struct bits_outcome outcome)
{
    request->answer = (struct bits_answer){
        .type = request->packet.type,
        .outcome = outcome,
        .sentence = text_of(cause_sentence(outcome.cause)),
        .session_id = request->packet.session_id,
    };
    request->wait = UPLOAD_WAIT_ANSWER;
}

bool answer_names_offset(enum bits_cause cause)
{
    return cause != BITS_CAUSE_SESSION_UNKNOWN && cause != CAUSE_FENCED;
}

void request_answer_next(struct upload_request *request,
                         struct bits_outcome outcome, uint64_t next)
{
    request_answer(request, outcome);
    request->answer.has_next = request->packet.type == BITS_PACKET_FRAGMENT &&
                               answer_names_offset(outcome.cause);
    request->answer.next = next;
}

enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   struct bits_outcome outcome,
                                   const char *detail)
{
    event_refused(service, request, outcome, detail);
    request_answer(request, outcome);
    return UPLOAD_ANSWER;
}
