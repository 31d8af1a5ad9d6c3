/*
 * store/local/sessions.h: notes in the row that a session is used.
 */
#ifndef STORE_LOCAL_SESSIONS_H
#define STORE_LOCAL_SESSIONS_H

#include "store/local/private.h"

void local_touch(struct store_place *place, struct store_session *session);

/* Notes that the session is active, and that it has bytes.  Returns at
 * once. */
void local_note_activity(struct store_place *place,
                         struct store_session *session);

#endif
