/*
 * upload/body.h: the bytes of a Fragment on their way into the store.
 *
 * The request is the session's writer, and the session's mutex is held.
 */
#ifndef UPLOAD_BODY_H
#define UPLOAD_BODY_H

#include "upload/active.h"

/* Stores content of the body.  RECEIVE, or another verdict if that failed: the
 * request is no longer the writer then. */
enum upload_verdict body_store(struct upload_active *active,
                               struct upload_request *request,
                               struct os_bytes bytes);

/* The body has ended: answers, starts the delivery, or keeps the bytes that
 * came if the client is gone. */
enum upload_verdict body_conclude(struct upload_active *active,
                                  struct upload_request *request,
                                  enum bits_body_end end);

#endif
