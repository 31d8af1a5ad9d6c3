/*
 * server/uploads/uploads.h: the site that receives BITS uploads.  It converts
 * HTTP requests to packets and verdicts of the upload service to answers.
 */
#ifndef SERVER_UPLOADS_UPLOADS_H
#define SERVER_UPLOADS_UPLOADS_H

#include "server/http/site.h"

struct access;
struct upload_service;

struct uploads {
    struct http_site site;
    struct upload_service *service;
    struct access *access;
};

/* service and access must outlive the site. access may be NULL: everyone may
 * upload. */
void uploads_init(struct uploads *uploads, struct upload_service *service,
                  struct access *access);

#endif
