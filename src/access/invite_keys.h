/*
 * access/invite_keys.h: the keys of an invite_key_file.
 *
 * It never changes; one thread at a time, or all read.
 */
#ifndef ACCESS_INVITE_KEYS_H
#define ACCESS_INVITE_KEYS_H

#include <stddef.h>

#include "options/report.h"
#include "passwords/invitation.h"

/* Further keys are reported and not used: each costs every check some time. */
#define INVITE_KEYS_MAX 16

struct invite_keys {
    size_t count;
    struct invitation_key items[INVITE_KEYS_MAX];
};

/* Takes the text of a file, from malloc() and terminated, and clears it.  Lines
 * with a fault are reported with the path and left out, and so is a file
 * without a key.  NULL: no memory. */
struct invite_keys *invite_keys_new(char *text, size_t size, const char *path,
                                    struct report *report);

/* Accepts NULL. */
void invite_keys_free(struct invite_keys *keys);

#endif
