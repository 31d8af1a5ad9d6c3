/*
 * server/stream/tls_set.h: what new connections use: a context of OpenSSL for
 * each certificate.
 */
#ifndef SERVER_STREAM_TLS_SET_H
#define SERVER_STREAM_TLS_SET_H

#include <stdatomic.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "server/stream/tls_clients.h"
#include "server/stream/tls_file.h"
#include "server/stream/tls_pair.h"
#include "server/stream/tls_tickets.h"

struct tls_entry {
    struct tls_pair *pair; /* a reference */
    SSL_CTX *context;
};

/* What a set is made of, besides the settings. */
struct tls_material {
    struct tls_pair *const *pairs;
    size_t count; /* at least 1 */
    struct tls_tickets *tickets;
    struct tls_trust *trust; /* NULL: clients are not asked for certificates */
    struct tls_clients *clients; /* with a trust only */
};

/* Never changes, and is counted. */
struct tls_set {
    atomic_uint references;
    struct tls_tickets *tickets; /* a reference */
    struct tls_clients *clients; /* a reference; NULL: see tls_material */
    size_t count;                /* at least 1 */
    struct tls_entry entries[];  /* the first is for clients without SNI */
};

/* NULL: the fault says which part is wrong. */
struct tls_set *tls_set_new(const struct tls_settings *settings,
                            const struct tls_material *material,
                            struct tls_fault *ret_fault);

/* Any thread. */
struct tls_set *tls_set_ref(struct tls_set *set);
void tls_set_unref(struct tls_set *set);

#endif
