/*
 * server/stream/tls_end_point.h: what identifies the server's end of a
 * connection to a client: a digest of the server's certificate (RFC 5929 4,
 * tls-server-end-point).
 *
 * A client that resumes a session knows the certificate of the handshake
 * before, which may have been replaced since: tickets carry the digest.
 */
#ifndef SERVER_STREAM_TLS_END_POINT_H
#define SERVER_STREAM_TLS_END_POINT_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#define TLS_END_POINT_PREFIX "tls-server-end-point:"

struct tls_end_point {
    size_t
        size; /* 0: not defined for this kind of signature, such as Ed25519 */
    char data[sizeof(TLS_END_POINT_PREFIX) - 1 + EVP_MAX_MD_SIZE];
};

/* After the handshake. */
void tls_end_point_find(SSL *ssl, struct tls_end_point *ret_end_point);

/* Makes the tickets of a context carry it. */
bool tls_end_point_serve(SSL_CTX *context);

#endif
