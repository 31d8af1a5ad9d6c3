/*
 * access/basic.h: names and passwords (RFC 7617).
 *
 * A password that was right is remembered for password_cache_time and costs
 * next to nothing then.  Others are checked on threads of their own, so that
 * they hold up neither sockets nor disks.
 */
#ifndef ACCESS_BASIC_H
#define ACCESS_BASIC_H

#include "access/way.h"

/* NULL: no memory or no threads. */
struct way *basic_new(struct log_sink *log, const struct config *config);

#endif
