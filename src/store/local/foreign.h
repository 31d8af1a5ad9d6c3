/*
 * store/local/foreign.h: recognizes folders of a server by their content.
 */
#ifndef STORE_LOCAL_FOREIGN_H
#define STORE_LOCAL_FOREIGN_H

#include <stdbool.h>

/* Files that identify a staging and a state folder. */
#define LOCAL_STAGING_LOCK "staging.lock"
#define LOCAL_INDEX_ID "index-id"
#define LOCAL_STATE_LOCK "index.lock"

/* Returns true for a state or staging folder, of this server or of another
 * one. */
bool local_is_foreign(int folder);

/* Returns true if a file of this name would make its folder look like one. */
bool local_is_reserved(const char *leaf);

#endif
