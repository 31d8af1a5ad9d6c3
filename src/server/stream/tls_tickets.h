/*
 * server/stream/tls_tickets.h: the keys of session tickets.
 *
 * A ticket is encrypted with the newest key.  The key before that one still
 * decrypts, so that a client can resume for a while after each change.  All
 * contexts share the keys: a ticket survives a reload.
 */
#ifndef SERVER_STREAM_TLS_TICKETS_H
#define SERVER_STREAM_TLS_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

/* A ticket is good for so long. */
#define TLS_TICKET_SECONDS (6 * 3600)

struct tls_tickets;

/* NULL: out of memory, or no random bytes. */
struct tls_tickets *tls_tickets_new(void);

/* Any thread. */
struct tls_tickets *tls_tickets_ref(struct tls_tickets *tickets);
void tls_tickets_unref(struct tls_tickets *tickets);

/* Makes a new key if the newest one is older than TLS_TICKET_SECONDS.  running:
 * seconds on a clock that never jumps. */
void tls_tickets_rotate(struct tls_tickets *tickets, int64_t running);

/* Has a context use them; it must not outlive them. */
bool tls_tickets_serve(struct tls_tickets *tickets, SSL_CTX *context);

#endif
