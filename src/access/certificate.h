/*
 * access/certificate.h: certificates of clients.  The listener has verified
 * them in the handshake; here they name the user.
 */
#ifndef ACCESS_CERTIFICATE_H
#define ACCESS_CERTIFICATE_H

#include "access/way.h"

/* NULL: no memory. */
struct way *certificate_new(struct log_sink *log, const struct config *config);

#endif
