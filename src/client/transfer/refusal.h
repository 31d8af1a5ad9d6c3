/*
 * client/transfer/refusal.h: what the failure of one file means for the other
 * files of the run, which go to the same host with the same credentials.
 *
 * Pure.
 */
#ifndef CLIENT_TRANSFER_REFUSAL_H
#define CLIENT_TRANSFER_REFUSAL_H

#include <stdbool.h>

#include <openbits/transfer.h>

enum refusal_scope {
    REFUSAL_OF_FILE, /* other files may be accepted */
    /* For all files, if the server has accepted none so far. */
    REFUSAL_OF_SERVER,
    REFUSAL_OF_ALL,
    /* For all files, if the server has not answered meanwhile. */
    REFUSAL_UNREACHABLE,
};

enum refusal_scope refusal_scope_of(const struct bits_failure *failure);

/* Returns true if both failures have the same description. */
bool refusal_is_same(const struct bits_failure *a,
                     const struct bits_failure *b);

#endif
