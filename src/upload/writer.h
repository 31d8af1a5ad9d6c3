/*
 * upload/writer.h: writes the bytes of a Fragment into the store.
 *
 * Call these with the session's mutex held.  writer_begin() makes the request
 * the session's writer.
 */
#ifndef UPLOAD_WRITER_H
#define UPLOAD_WRITER_H

#include "upload/active.h"

/* Makes the request the writer and prepares the store for its body.  Returns
 * RECEIVE, PENDING until the store has answered, or the verdict of a
 * refusal. */
enum upload_verdict writer_begin(struct upload_active *active,
                                 struct upload_request *request);

/* Cuts the writer off, if there is one: the service discards what it still
 * sends. */
void writer_cut(struct upload_active *active);

/* Stores content of the body.  Returns RECEIVE; PENDING until the store wants
 * more, or until the answer to a failure is committed; or ANSWER.  After a
 * failure the request is no longer the writer. */
enum upload_verdict writer_store(struct upload_active *active,
                                 struct upload_request *request,
                                 struct os_bytes bytes);

/* Handles the end of the body: answers, starts the delivery, or keeps the
 * received bytes if the client is gone. */
enum upload_verdict writer_conclude(struct upload_active *active,
                                    struct upload_request *request,
                                    enum bits_body_end end);

#endif
