/*
 * access/bearer.h: bearer tokens (RFC 6750).  The user is the token's name.
 */
#ifndef ACCESS_BEARER_H
#define ACCESS_BEARER_H

#include "access/way.h"

/* NULL: no memory. */
struct way *bearer_new(struct log_sink *log, const struct config *config);

#endif
