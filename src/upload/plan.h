/*
 * upload/plan.h: Fragment, Close and Cancel: the protocol plans them from the
 * facts, and the plan is carried out.
 */
#ifndef UPLOAD_PLAN_H
#define UPLOAD_PLAN_H

#include "upload/upload.h"

/* Plans the request now, or has it wait for its session, whose mutex is
 * held. */
enum upload_verdict request_proceed(struct upload_request *request);

#endif
