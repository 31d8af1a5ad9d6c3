/*
 * store/local/foreign.h: folders of a server, recognised by what they hold.
 */
#ifndef STORE_LOCAL_FOREIGN_H
#define STORE_LOCAL_FOREIGN_H

#include <stdbool.h>

/* Files that tell a staging and a state folder. */
#define LOCAL_STAGING_LOCK "staging.lock"
#define LOCAL_INDEX_ID "index-id"
#define LOCAL_STATE_LOCK "index.lock"

/* Is it a state or staging folder, of this server or of another one? */
bool local_is_foreign(int folder);

/* Would a file of this name make its folder look like one? */
bool local_is_reserved(const char *leaf);

#endif
