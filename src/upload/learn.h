/*
 * upload/learn.h: commits what a Fragment changed before any reply that depends
 * on it.
 *
 * Call these with the session's mutex held.
 */
#ifndef UPLOAD_LEARN_H
#define UPLOAD_LEARN_H

#include "upload/active.h"

/* The row has changed. */
void learn_note(struct upload_active *active);

/* Another call commits the changes, or they no longer matter. */
void learn_forget(struct upload_active *active);

/* Another server has the session: drops the changes and refuses the requests
 * that wait for a commit. */
void learn_lose(struct upload_active *active);

/* The row was loaded again.  If another server had the session meanwhile,
 * refuses the requests that wait for a commit of the old row. */
void learn_compare(struct upload_active *active);

/* Starts to commit the row's fragment_seen and total, unless they are committed
 * or a commit runs. */
void learn_start(struct upload_active *active);

/* Returns true if the stored bytes survive a crash of the process. */
bool learn_is_saved(const struct upload_active *active);

/* Returns ANSWER, or PENDING until everything that the answer depends on is
 * committed. */
enum upload_verdict learn_then_answer(struct upload_active *active,
                                      struct upload_request *request);

/* Commits the row; then the request is planned again or, after a failure,
 * refused with its cause. */
enum upload_verdict learn_then_plan(struct upload_active *active,
                                    struct upload_request *request);

#endif
