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
#include "base/fault.h"

/* NULL: no memory or no threads. */
struct way *negotiate_new(struct log_sink *log, const struct config *config);

/* Checks the keytab of a configuration.  Blocks.  False: the fault is a line
 * with its place, and *ret_error is errno if the file cannot be opened, else 0.
 */
bool negotiate_inspect(const struct config *config, int *ret_error,
                       struct fault *ret_fault);

#endif
