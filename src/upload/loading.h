/*
 * upload/loading.h: loads a session's row, and resumes its requests when the
 * session is READY.
 *
 * Call these with the session's mutex held.
 */
#ifndef UPLOAD_LOADING_H
#define UPLOAD_LOADING_H

#include "upload/active.h"

/* Starts to read the row: the session becomes LOADING. */
void active_load(struct upload_active *active);

/* Releases the row and the data file, and starts to read the row again. */
void active_reload(struct upload_active *active);

/* The store's call has ended: the session becomes READY; resumes the owner and
 * the waiting requests. */
void active_ready(struct upload_active *active);

/* The same without the owner, which the caller resumes or lets wait. */
void active_ready_without_owner(struct upload_active *active);

#endif
