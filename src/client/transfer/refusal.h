/*
 * client/transfer/refusal.h: what the failure of one file says about the other
 * files of the same run, which go to the same host with the same credentials.
 *
 * Pure.
 */
#ifndef CLIENT_TRANSFER_REFUSAL_H
#define CLIENT_TRANSFER_REFUSAL_H

#include <stdbool.h>

#include <openbits/transfer.h>

enum refusal_scope {
    REFUSAL_OF_FILE, /* others may be taken */
    /* Of all, if the server has taken none so far. */
    REFUSAL_OF_SERVER,
    REFUSAL_OF_ALL,
    /* Of all, if the server has not answered meanwhile. */
    REFUSAL_UNREACHABLE,
};

enum refusal_scope refusal_scope_of(const struct bits_failure *failure);

/* Would the same words be said of both? */
bool refusal_is_same(const struct bits_failure *a,
                     const struct bits_failure *b);

#endif
