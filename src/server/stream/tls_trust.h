/*
 * server/stream/tls_trust.h: the authorities whose clients may connect, with
 * their lists of revoked certificates (CRLs).
 *
 * Each certificate of client_ca is trusted by itself, a subordinate authority
 * without its root, too, unless a CRL revokes it.  If there are CRLs, each
 * certificate below a trusted one needs a CRL of its issuer that has not
 * expired.
 */
#ifndef SERVER_STREAM_TLS_TRUST_H
#define SERVER_STREAM_TLS_TRUST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "base/fault.h"
#include "server/stream/tls.h"
#include "server/stream/tls_file.h"

/* What a file has: one of the two. */
struct tls_trust_item {
    char *path;
    X509 *authority;
    X509_CRL *revoked;
    bool is_revoked; /* the authority: by a CRL of the other items */
};

/* Never changes, and is counted. */
struct tls_trust {
    atomic_uint references;
    X509_STORE *store;
    STACK_OF(X509_NAME) * names; /* of the authorities; clients are told */
    struct tls_trust_item *items;
    size_t count;
};

/* Reads and checks the files, PEM or DER.  The caller owns one reference.
 * NULL: the fault says why, and *ret_path has the file; borrowed. */
struct tls_trust *tls_trust_read(const struct tls_client_files *files,
                                 struct tls_fault *ret_fault,
                                 const char **ret_path);

/* Any thread. */
struct tls_trust *tls_trust_ref(struct tls_trust *trust);
void tls_trust_unref(struct tls_trust *trust);

/* Returns false if an authority or a CRL is not valid now, or not for long: the
 * fault says so.  now: seconds since 1970. */
bool tls_trust_is_fresh(const struct tls_trust_item *item, int64_t now,
                        struct fault *ret_fault);

/* Writes why a certificate of a client is refused, without a full stop. */
void tls_trust_explain(X509_STORE_CTX *context, struct fault *ret_fault);

/* Verifies the certificate of a client that is connected already. chain may be
 * NULL.  Returns false with the reason if it is refused. */
bool tls_trust_admits(const struct tls_trust *trust, X509 *certificate,
                      STACK_OF(X509) * chain, struct fault *ret_fault);

#endif
