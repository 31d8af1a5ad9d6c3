/*
 * store/local/rows_once.h: users who may deliver one file only.
 */
#ifndef STORE_LOCAL_ROWS_ONCE_H
#define STORE_LOCAL_ROWS_ONCE_H

#include "store/local/database.h"

/* Has the user delivered his file?  A trigger records that with the commit of
 * the delivery. */
bool rows_once_is_used(struct database *database, const char *user);

/* A live session of the user, whatever its prefix.  False: the user has no such
 * session. */
bool rows_once_live(struct database *database, const char *user,
                    struct bits_guid *ret_id, bool *ret_is_empty);

/* Forgets users whose rule ended before a time, in seconds since 1970. */
void rows_once_forget(struct database *database, int64_t before);

#endif
