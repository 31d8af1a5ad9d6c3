/*
 * upload/opening.h: opens and measures a session's data file.
 *
 * Call all of these with the session's mutex held.
 */
#ifndef UPLOAD_OPENING_H
#define UPLOAD_OPENING_H

#include "upload/active.h"

/* Opens the file.  NOW: active->op has the outcome; after a success the session
 * is measured.  LATER: the session is LOADING and the request its owner, which
 * is planned again or refused afterwards. */
enum store_when opening_start(struct upload_active *active,
                              struct upload_request *request);

/* Answers a request after a failure in which the store may have given up bytes:
 * the answer announces the remaining ones. */
enum upload_verdict opening_then_answer(struct upload_active *active,
                                        struct upload_request *request,
                                        struct bits_outcome outcome);

#endif
