/*
 * server/stream/tls_clients.c: see tls_clients.h.
 */
#include "server/stream/tls_clients.h"

#include <stdlib.h>

#include <uv.h>

struct tls_clients {
    atomic_uint references;
    atomic_uint number;
    uv_mutex_t mutex;
    struct tls_trust *trust; /* guarded by mutex; a reference */
};

struct tls_clients *tls_clients_new(void)
{
    struct tls_clients *clients = calloc(1, sizeof(*clients));

    if (!clients || uv_mutex_init(&clients->mutex) < 0) {
        free(clients);
        return NULL;
    }
    atomic_init(&clients->references, 1);
    atomic_init(&clients->number, 0);
    return clients;
}

struct tls_clients *tls_clients_ref(struct tls_clients *clients)
{
    atomic_fetch_add_explicit(&clients->references, 1, memory_order_relaxed);
    return clients;
}

void tls_clients_unref(struct tls_clients *clients)
{
    if (clients && atomic_fetch_sub_explicit(&clients->references, 1,
                                             memory_order_acq_rel) == 1) {
        tls_trust_unref(clients->trust);
        uv_mutex_destroy(&clients->mutex);
        free(clients);
    }
}

void tls_clients_trust(struct tls_clients *clients, struct tls_trust *trust)
{
    struct tls_trust *old;

    uv_mutex_lock(&clients->mutex);
    old = clients->trust;
    clients->trust = trust ? tls_trust_ref(trust) : NULL;
    uv_mutex_unlock(&clients->mutex);
    atomic_fetch_add_explicit(&clients->number, 1, memory_order_release);
    tls_trust_unref(old);
}

unsigned tls_clients_number(const struct tls_clients *clients)
{
    return atomic_load_explicit(&clients->number, memory_order_acquire);
}

struct tls_trust *tls_clients_current(struct tls_clients *clients)
{
    struct tls_trust *trust;

    uv_mutex_lock(&clients->mutex);
    trust = clients->trust ? tls_trust_ref(clients->trust) : NULL;
    uv_mutex_unlock(&clients->mutex);
    return trust;
}
