/*
 * server/uploads/invitation_parameter.h: takes the invitation out of a request
 * target.
 *
 * It is a secret, so it goes no further than the check of access: nothing
 * stores, logs or compares a target that has it.  Pure.
 */
#ifndef SERVER_UPLOADS_INVITATION_PARAMETER_H
#define SERVER_UPLOADS_INVITATION_PARAMETER_H

#include <stddef.h>

#include <openbits/text.h>

struct invitation_parameter {
    struct bits_text value; /* of the first one, raw; in the target */
    unsigned count;         /* how many the target has */
};

/* Copies the target without the parameters whose decoded name is bits-invite.
 * ret_text has room for the whole target.  Returns the bytes written. */
size_t invitation_parameter_remove(struct bits_text target, char *ret_text,
                                   struct invitation_parameter *ret_parameter);

#endif
