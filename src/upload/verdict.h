/*
 * upload/verdict.h: writes the answer into a request.
 */
#ifndef UPLOAD_VERDICT_H
#define UPLOAD_VERDICT_H

#include "upload/upload.h"

/* Writes the answer: how the packet ended. */
void request_answer(struct upload_request *request,
                    struct bits_outcome outcome);

/* The same with BITS-Received-Content-Range, if it is a Fragment. */
void request_answer_next(struct upload_request *request,
                         struct bits_outcome outcome, uint64_t next);

/* Does an offset stay true that an answer with this cause names?  Not for a
 * session that is gone, or that another server has. */
bool answer_names_offset(enum bits_cause cause);

/* Answers with a refusal, which is logged. */
enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   struct bits_outcome outcome,
                                   const char *detail);

#endif
