/*
 * access/invite.h: invitations in URLs (passwords/invitation.h).  The user is
 * "invite:ID", so that each invitation has sessions of its own.
 */
#ifndef ACCESS_INVITE_H
#define ACCESS_INVITE_H

#include "access/way.h"

/* NULL: no memory. */
struct way *invite_new(struct log_sink *log, const struct config *config);

#endif
