/*
 * server/stream/tls_end_point.c: see tls_end_point.h.
 */
#include "server/stream/tls_end_point.h"

#include <string.h>

/* The digest of the certificate's signature, but none that is broken.  NULL:
 * the signature has no digest of its own. */
static const EVP_MD *digest_of(X509 *certificate)
{
    int digest = NID_undef;

    if (X509_get_signature_info(certificate, &digest, NULL, NULL, NULL) != 1 ||
        digest == NID_undef) {
        return NULL;
    }
    return digest == NID_md5 || digest == NID_sha1
               ? EVP_sha256()
               : EVP_get_digestbynid(digest);
}

static void digest(X509 *certificate, struct tls_end_point *end_point)
{
    const size_t begin = sizeof(TLS_END_POINT_PREFIX) - 1;
    const EVP_MD *kind = digest_of(certificate);
    unsigned size = 0;

    if (kind &&
        X509_digest(certificate, kind, (unsigned char *)end_point->data + begin,
                    &size) == 1) {
        memcpy(end_point->data, TLS_END_POINT_PREFIX, begin);
        end_point->size = begin + size;
    }
}

/* From the ticket. */
static void recall(SSL *ssl, struct tls_end_point *end_point)
{
    void *data = NULL;
    size_t size = 0;

    if (SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &data, &size) ==
            1 &&
        size > 0 && size <= sizeof(end_point->data)) {
        memcpy(end_point->data, data, size);
        end_point->size = size;
    }
}

void tls_end_point_find(SSL *ssl, struct tls_end_point *ret_end_point)
{
    X509 *certificate = SSL_get_certificate(ssl);

    ret_end_point->size = 0;
    if (SSL_session_reused(ssl)) {
        recall(ssl, ret_end_point);
    } else if (certificate) {
        digest(certificate, ret_end_point);
    }
}

/* A ticket is about to be sent.  The session of a resumed connection has the
 * end point of its first one already. */
static int fill_ticket(SSL *ssl, void *unused)
{
    struct tls_end_point end_point;

    (void)unused;
    if (SSL_session_reused(ssl)) {
        return 1;
    }
    tls_end_point_find(ssl, &end_point);
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), end_point.data,
                                           end_point.size);
}

bool tls_end_point_serve(SSL_CTX *context)
{
    return SSL_CTX_set_session_ticket_cb(context, fill_ticket, NULL, NULL) == 1;
}
