/*
 * passwords/htpasswd.h: files in the form of htpasswd(1): lines NAME:HASH, and
 * what stands behind a second colon is a comment.  Empty lines and lines that
 * begin with # do not count.
 *
 * Pure.
 */
#ifndef PASSWORDS_HTPASSWD_H
#define PASSWORDS_HTPASSWD_H

#include <stdbool.h>

#include <openbits/text.h>

/* The longest name of a user, bytes. */
#define HTPASSWD_NAME_MAX 256

struct htpasswd_line {
    struct bits_text whole; /* without its end */
    struct bits_text name;  /* empty without a fault: it does not count */
    struct bits_text hash;
    const char *fault; /* why the line cannot be used, or NULL; static */
};

/* Takes the next line.  False: none is left. */
bool htpasswd_next(struct bits_text *text, struct htpasswd_line *ret_line);

/* Returns why a user cannot have this name; NULL: he can. */
const char *htpasswd_name_fault(struct bits_text name);

#endif
