/*
 * upload/loading.h: a session's row is loaded, and its requests wait until the
 * session is READY.
 *
 * The session's mutex is held in all of these.
 */
#ifndef UPLOAD_LOADING_H
#define UPLOAD_LOADING_H

#include "upload/active.h"

/* Reads the row; the session is LOADING afterwards. */
void active_load(struct upload_active *active);

/* Discards the row and the data file, and reads the row again. */
void active_reload(struct upload_active *active);

/* The store's call has ended: READY, and the waiting requests are resumed. */
void active_ready(struct upload_active *active);

/* The same; the owner, if any, is resumed by the caller, or waits for more. */
void active_ready_without_owner(struct upload_active *active);

#endif
