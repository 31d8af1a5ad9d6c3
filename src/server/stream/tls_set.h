/*
 * server/stream/tls_set.h: what new connections use: a context of OpenSSL for
 * each certificate.
 */
#ifndef SERVER_STREAM_TLS_SET_H
#define SERVER_STREAM_TLS_SET_H

#include <stdatomic.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "base/fault.h"
#include "server/stream/tls_pair.h"
#include "server/stream/tls_tickets.h"

struct tls_entry {
    struct tls_pair *pair; /* a reference */
    SSL_CTX *context;
};

/* Never changes, and is counted. */
struct tls_set {
    atomic_uint references;
    struct tls_tickets *tickets; /* a reference */
    size_t count;                /* at least 1 */
    struct tls_entry entries[];  /* the first is for clients without SNI */
};

/* Makes a set of at least one pair.  NULL: the fault says which part is
 * wrong. */
struct tls_set *tls_set_new(const struct tls_settings *settings,
                            struct tls_pair *const *pairs, size_t count,
                            struct tls_tickets *tickets,
                            struct tls_pair_fault *ret_fault);

/* Any thread. */
struct tls_set *tls_set_ref(struct tls_set *set);
void tls_set_unref(struct tls_set *set);

#endif
