/*
 * server/uploads/uploads.h: the site that takes BITS uploads: HTTP requests to
 * packets, verdicts of the upload service to answers.
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

/* Both must live as long.  access may be NULL: everybody may upload. */
void uploads_init(struct uploads *uploads, struct upload_service *service,
                  struct access *access);

#endif
