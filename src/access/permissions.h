/*
 * access/permissions.h: `users` and `group_file` of a section: whether a user
 * who has signed in may use it.
 *
 * Any thread.
 */
#ifndef ACCESS_PERMISSIONS_H
#define ACCESS_PERMISSIONS_H

#include "options/list.h"
#include "server/uploads/access.h"

struct log_sink;
struct permissions;

/* NULL: no memory. */
struct permissions *permissions_new(struct log_sink *log);

/* Accepts NULL. */
void permissions_free(struct permissions *permissions);

/* As gate_prepare() and gate_configure(). */
bool permissions_prepare(struct permissions *permissions,
                         const struct config *config,
                         struct string_list *errors);
void permissions_configure(struct permissions *permissions,
                           const struct config *config);

/* As access_ops.permit(). */
enum access_verdict permissions_permit(struct permissions *permissions,
                                       struct access_check *check);

#endif
