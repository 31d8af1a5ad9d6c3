/*
 * upload/look.h: HEAD: is a file there already, and how long is it (D-54)?
 */
#ifndef UPLOAD_LOOK_H
#define UPLOAD_LOOK_H

#include "upload/upload.h"

/* Has the store look for the file that the raw path below the prefix names:
 * PENDING, or ANSWER with look_status. */
enum upload_verdict look_start(struct upload_service *service,
                               struct upload_request *request);

/* The request is released: the result of a running look is discarded. */
void look_forget(struct upload_service *service,
                 struct upload_request *request);

#endif
