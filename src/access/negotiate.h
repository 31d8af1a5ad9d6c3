/*
 * access/negotiate.h: sign-ins with Kerberos (RFC 4559).
 *
 * A sign-in holds for its connection.  A connection that a proxy may share
 * among clients needs a token with each request.  GSSAPI runs on threads of its
 * own.
 */
#ifndef ACCESS_NEGOTIATE_H
#define ACCESS_NEGOTIATE_H

#include "access/way.h"

/* NULL: no memory or no threads. */
struct way *negotiate_new(struct log_sink *log, const struct config *config);

#endif
