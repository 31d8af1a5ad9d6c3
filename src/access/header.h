/*
 * access/header.h: names of users that a trusted proxy has checked and sends
 * in user_header.
 */
#ifndef ACCESS_HEADER_H
#define ACCESS_HEADER_H

#include "access/way.h"

/* NULL: no memory. */
struct way *header_new(struct log_sink *log, const struct config *config);

#endif
