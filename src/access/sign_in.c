/*
 * access/sign_in.c: see sign_in.h.
 */
#include "access/sign_in.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/compiler.h"

static void free_memo(struct connection_memo *memo)
{
    sign_in_unref(sign_in_of(memo));
}

struct sign_in *sign_in_new(void)
{
    struct sign_in *sign_in = calloc(1, sizeof(*sign_in));

    if (sign_in) {
        sign_in->memo.free = free_memo;
        atomic_init(&sign_in->references, 1);
    }
    return sign_in;
}

struct sign_in *sign_in_ref(struct sign_in *sign_in)
{
    (void)atomic_fetch_add(&sign_in->references, 1);
    return sign_in;
}

void sign_in_unref(struct sign_in *sign_in)
{
    if (atomic_fetch_sub(&sign_in->references, 1) == 1) {
        kerberos_context_done(&sign_in->context);
        free(sign_in->principal);
        free(sign_in);
    }
}

struct sign_in *sign_in_of(struct connection_memo *memo)
{
    return memo ? CONTAINER_OF(memo, struct sign_in, memo) : NULL;
}

void sign_in_remember(struct connection_memo **memo, struct sign_in *sign_in)
{
    struct connection_memo *old = *memo;

    *memo = sign_in ? &sign_in_ref(sign_in)->memo : NULL;
    if (old) {
        old->free(old);
    }
}
