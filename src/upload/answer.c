/*
 * upload/answer.c: see answer.h.
 */
#include "upload/answer.h"

#include "upload/events.h"

void request_answer(struct upload_request *request, enum bits_cause cause)
{
    request->answer = (struct bits_answer){
        .type = request->packet.type,
        .cause = cause,
        .session_id = request->packet.session_id,
    };
    request->answered = true;
}

void request_answer_next(struct upload_request *request, enum bits_cause cause,
                         uint64_t next)
{
    request_answer(request, cause);
    request->answer.has_next = request->packet.type == BITS_PACKET_FRAGMENT &&
                               cause != BITS_CAUSE_SESSION_UNKNOWN;
    request->answer.next = next;
}

enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause cause, const char *detail)
{
    event_refused(service, request, cause, detail);
    request_answer(request, cause);
    return UPLOAD_ANSWER;
}
