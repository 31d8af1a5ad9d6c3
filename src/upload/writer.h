/*
 * upload/writer.h: the bytes of a Fragment on their way into the store.
 *
 * The session's mutex is held.  From writer_begin() on the request is the
 * session's writer.
 */
#ifndef UPLOAD_WRITER_H
#define UPLOAD_WRITER_H

#include "upload/active.h"

/* Makes the request the writer and the store ready for its body: RECEIVE, or
 * PENDING until the store has answered, or what a refusal needs. */
enum upload_verdict writer_begin(struct upload_active *active,
                                 struct upload_request *request);

/* The writer, if any, is cut off: what it still sends goes nowhere. */
void writer_cut(struct upload_active *active);

/* Stores content of the body.  RECEIVE; PENDING until the store wants more, or
 * until the answer to a failure is committed; or ANSWER.  After a failure the
 * request is no longer the writer. */
enum upload_verdict writer_store(struct upload_active *active,
                                 struct upload_request *request,
                                 struct os_bytes bytes);

/* The body has ended: answers, starts the delivery, or keeps the bytes that
 * came if the client is gone. */
enum upload_verdict writer_conclude(struct upload_active *active,
                                    struct upload_request *request,
                                    enum bits_body_end end);

#endif
