/*
 * upload/opening.h: a session's data file is opened and measured.
 *
 * The session's mutex is held in all of these.
 */
#ifndef UPLOAD_OPENING_H
#define UPLOAD_OPENING_H

#include "upload/active.h"

/* Opens the file.  NOW: active->op says how that ended, and if it went well the
 * session is measured.  LATER: the session is LOADING and the request its
 * owner, which is then planned again, or refused. */
enum store_when opening_start(struct upload_active *active,
                              struct upload_request *request);

/* Answers a request after a failure that the store may have answered by giving
 * up bytes: the answer names those that are left. */
enum upload_verdict opening_then_answer(struct upload_active *active,
                                        struct upload_request *request,
                                        struct bits_outcome outcome);

#endif
