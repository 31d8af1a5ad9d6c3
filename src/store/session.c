/*
 * store/session.c: the release of a session's row; the same for every store.
 */
#include <stdlib.h>

#include "store/store.h"

void store_session_done(struct store_session *session)
{
    free(session->prefix);
    free(session->name);
    free(session->query);
    free(session->user);
    free(session->url);
    free(session->delivered_as);
    *session = (struct store_session){.state = STORE_RECEIVING};
}
