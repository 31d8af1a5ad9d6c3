/*
 * upload/learn.h: commits what a Fragment changed before any reply that depends
 * on it.
 *
 * The session's mutex is held in all of these.
 */
#ifndef UPLOAD_LEARN_H
#define UPLOAD_LEARN_H

#include "upload/active.h"

/* The row has changed. */
void learn_note(struct upload_active *active);

/* Another call commits what has changed, or it no longer matters. */
void learn_forget(struct upload_active *active);

/* Another server has the session: refuses the requests that wait for a commit;
 * what has changed is not committed. */
void learn_lose(struct upload_active *active);

/* The row was loaded again.  If another server had the session meanwhile,
 * refuses the requests that wait for a commit of the old one. */
void learn_compare(struct upload_active *active);

/* Starts committing fragment_seen and total as the row has them now, if that
 * is not done or under way. */
void learn_start(struct upload_active *active);

/* Would what is stored survive kill -9? */
bool learn_is_saved(const struct upload_active *active);

/* ANSWER, or PENDING until what the answer depends on is committed. */
enum upload_verdict learn_then_answer(struct upload_active *active,
                                      struct upload_request *request);

#endif
