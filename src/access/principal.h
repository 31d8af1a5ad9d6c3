/*
 * access/principal.h: the user that a Kerberos principal is.
 *
 * Pure.
 */
#ifndef ACCESS_PRINCIPAL_H
#define ACCESS_PRINCIPAL_H

#include <openbits/text.h>

#include "options/list.h"

/* The user of "ann@EXAMPLE.COM" is ann if the realm is in the list.  Returns
 * NULL, or why the principal is not a user; static.  *ret_user points into
 * `principal`. */
const char *principal_user(const char *principal,
                           const struct string_list *realms,
                           struct bits_text *ret_user);

#endif
