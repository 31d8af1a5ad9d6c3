/*
 * access/basic_text.h: what Authorization says with the scheme Basic (RFC
 * 7617).
 */
#ifndef ACCESS_BASIC_TEXT_H
#define ACCESS_BASIC_TEXT_H

#include <stdbool.h>

#include <openbits/text.h>

#include "passwords/hash.h"
#include "passwords/htpasswd.h"

/* Holds the longest name and password.  Clear it after use. */
struct basic_text {
    struct bits_text user;
    const char *password; /* terminated */
    char room[HTPASSWD_NAME_MAX + 1 + HASH_PASSWORD_MAX + 1 + 3];
};

/* Reads the value of Authorization.  False: not Basic, malformed, or a name or
 * a password that no user can have. */
bool basic_text_read(struct bits_text value, struct basic_text *ret_text);

#endif
