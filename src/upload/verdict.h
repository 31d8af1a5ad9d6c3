/*
 * upload/verdict.h: writes the answer into a request.
 */
#ifndef UPLOAD_VERDICT_H
#define UPLOAD_VERDICT_H

#include "upload/upload.h"

/* Writes the answer for this outcome. */
void request_answer(struct upload_request *request,
                    struct bits_outcome outcome);

/* The same with BITS-Received-Content-Range if the packet is a Fragment. */
void request_answer_next(struct upload_request *request,
                         struct bits_outcome outcome, uint64_t next);

/* Returns true if an answer with this cause may announce an offset: not if the
 * session is gone or another server has it. */
bool answer_names_offset(enum bits_cause cause);

/* Answers with a refusal and logs it. */
enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   struct bits_outcome outcome,
                                   const char *detail);

#endif
