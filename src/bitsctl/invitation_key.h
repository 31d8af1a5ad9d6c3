/*
 * bitsctl/invitation_key.h: the key that signs invitations.
 */
#ifndef BITSCTL_INVITATION_KEY_H
#define BITSCTL_INVITATION_KEY_H

#include "passwords/invitation.h"

enum invitation_key_choice {
    INVITATION_KEY_FIRST, /* the first one; a new one if the file has no key */
    INVITATION_KEY_NEW,   /* a new one, in front of the others */
};

/* Takes a key of the file, or adds one.  Returns an exit status; the reason of
 * a failure was printed. */
int invitation_key_take(const char *path, enum invitation_key_choice choice,
                        struct invitation_key *ret_key);

#endif
