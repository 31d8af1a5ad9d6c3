/*
 * store/local/sessions.h: records in the row that a session is in use.
 */
#ifndef STORE_LOCAL_SESSIONS_H
#define STORE_LOCAL_SESSIONS_H

#include "store/local/private.h"

void local_touch(struct store_place *place, struct store_session *session);

/* Records that the session is active and has bytes.  Returns at once. */
void local_note_activity(struct store_place *place,
                         struct store_session *session);

#endif
