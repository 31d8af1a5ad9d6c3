/*
 * access/principal.c: see principal.h.
 */
#include "access/principal.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "passwords/htpasswd.h"

static bool has(const struct string_list *realms, const char *realm)
{
    for (size_t i = 0; i < realms->count; i++) {
        if (strcmp(realms->items[i], realm) == 0) {
            return true;
        }
    }
    return false;
}

/* GSSAPI puts a backslash before characters of a name that have a meaning in a
 * principal, and before bytes that are not text. */
const char *principal_user(const char *principal,
                           const struct string_list *realms,
                           struct bits_text *ret_user)
{
    const char *at = strchr(principal, '@');

    if (strchr(principal, '\\')) {
        return "the principal has a character that names of users may not "
               "have";
    }
    if (!at || !has(realms, at + 1)) {
        return "the realm of the principal is not in realms";
    }
    *ret_user = (struct bits_text){principal, (size_t)(at - principal)};
    if (text_has_prefix_nocase(*ret_user, TEXT("WELLKNOWN/"))) {
        return "the principal is not a user but an anonymous client";
    }
    return htpasswd_name_fault(*ret_user);
}
