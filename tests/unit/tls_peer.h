/*
 * tests/unit/tls_peer.h: a certificate made on the spot, a server's streams
 * over TLS with it, and a client that blocks.
 */
#ifndef TESTS_UNIT_TLS_PEER_H
#define TESTS_UNIT_TLS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "server/stream/tls.h"

/* Writes a certificate for the name with its key, FOLDER/NAME.pem, valid from
 * `from` days to `to` days from now. */
void tls_peer_make(const char *folder, const char *name, int from, int to);

/* Streams with the certificate of that name. */
struct tls *tls_peer_serve(const char *folder, const char *name);

/* The client's side of a connected, blocking socket. */
struct tls_client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
    char answer[8192]; /* data that came and was not taken */
    size_t size;
};

/* server_name may be NULL. */
void tls_client_greet(struct tls_client *client, int fd,
                      const char *server_name);
void tls_client_done(struct tls_client *client); /* but for the socket */

void tls_client_send(struct tls_client *client, const void *data, size_t size);

/* Reads until the data contains the text, then takes the data in front of it,
 * which is terminated and cut to the room, and the text.  room may be NULL. */
void tls_client_read_to(struct tls_client *client, const char *text, char *room,
                        size_t size);

/* Waits for the server's goodbye, without one of ours. */
void tls_client_expect_goodbye(struct tls_client *client);

/* Says goodbye. */
void tls_client_part(struct tls_client *client);

/* The name in the server's certificate. */
void tls_client_peer(struct tls_client *client, char *room, size_t size);

#endif
