/*
 * server/stream/tls_clients.h: the trust in force for certificates of clients.
 *
 * Connections remember the number of the trust that admitted them, and are
 * judged again when another one is in force.
 */
#ifndef SERVER_STREAM_TLS_CLIENTS_H
#define SERVER_STREAM_TLS_CLIENTS_H

#include "server/stream/tls_trust.h"

struct tls_clients;

/* NULL: out of memory. */
struct tls_clients *tls_clients_new(void);

/* Any thread. */
struct tls_clients *tls_clients_ref(struct tls_clients *clients);
void tls_clients_unref(struct tls_clients *clients);

/* Puts a trust in force; takes a reference.  NULL: no client is admitted. */
void tls_clients_trust(struct tls_clients *clients, struct tls_trust *trust);

/* Changes with each trust.  Any thread. */
unsigned tls_clients_number(const struct tls_clients *clients);

/* Returns a reference, or NULL if none is in force.  Any thread. */
struct tls_trust *tls_clients_current(struct tls_clients *clients);

#endif
