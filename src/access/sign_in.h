/*
 * access/sign_in.h: a sign-in by Negotiate, which a connection remembers.
 *
 * A sign-in is counted: a check that runs on a worker needs it even if the
 * connection closes.  One thread at a time uses it, but for the count.
 */
#ifndef ACCESS_SIGN_IN_H
#define ACCESS_SIGN_IN_H

#include <stdatomic.h>
#include <stdint.h>

#include "access/kerberos.h"
#include "server/memo.h"

struct sign_in {
    struct connection_memo memo; /* has a reference */
    atomic_uint references;
    struct kerberos_context context; /* until it is complete */
    char *principal; /* that signed in; from malloc(); NULL: not yet */
    uint64_t until;  /* uv_hrtime() at which the ticket expires */
};

/* The caller owns one reference.  NULL: no memory. */
struct sign_in *sign_in_new(void);

struct sign_in *sign_in_ref(struct sign_in *sign_in);
void sign_in_unref(struct sign_in *sign_in);

/* What a connection remembers, or NULL. */
struct sign_in *sign_in_of(struct connection_memo *memo);

/* Makes a connection remember a sign-in, and nothing else.  NULL: nothing. */
void sign_in_remember(struct connection_memo **memo, struct sign_in *sign_in);

#endif
