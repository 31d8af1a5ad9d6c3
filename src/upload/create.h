/*
 * upload/create.h: Create-Session: checks the name and inserts the row.
 */
#ifndef UPLOAD_CREATE_H
#define UPLOAD_CREATE_H

#include "upload/upload.h"

/* name_cause: the result of checking the request's name. */
enum upload_verdict request_create(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause name_cause);

#endif
