/*
 * upload/look.h: HEAD: finds a file and its size (D-54).
 */
#ifndef UPLOAD_LOOK_H
#define UPLOAD_LOOK_H

#include "upload/upload.h"

/* Has the store look for the file of the raw path below the prefix.  Returns
 * PENDING, or ANSWER with look_status. */
enum upload_verdict look_start(struct upload_service *service,
                               struct upload_request *request);

/* Call when the request is released: discards the result of a running look. */
void look_forget(struct upload_service *service,
                 struct upload_request *request);

#endif
