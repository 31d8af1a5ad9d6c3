/*
 * server/stream/tls_pair.h: a certificate with its key, as read from files.
 */
#ifndef SERVER_STREAM_TLS_PAIR_H
#define SERVER_STREAM_TLS_PAIR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/fault.h"
#include "server/stream/tls.h"
#include "server/stream/tls_file.h"

/* Never changes, and is counted. */
struct tls_pair {
    atomic_uint references;
    char *path; /* of the certificate */
    X509 *certificate;
    STACK_OF(X509) * chain; /* that lead from it to its authority */
    EVP_PKEY *key;
    char *ocsp_path;     /* NULL: no response */
    unsigned char *ocsp; /* DER */
    int ocsp_size;
    int64_t ocsp_end; /* seconds since 1970 */
};

/* Reads and checks the files.  The caller owns one reference.  NULL: the fault
 * says why. */
struct tls_pair *tls_pair_read(const struct tls_files *files,
                               struct tls_fault *ret_fault);

/* Any thread. */
struct tls_pair *tls_pair_ref(struct tls_pair *pair);
void tls_pair_unref(struct tls_pair *pair);

/* Returns false if the certificate is not valid now, or not in 30 days: the
 * fault says so.  now: seconds since 1970. */
bool tls_pair_is_fresh(const struct tls_pair *pair, int64_t now,
                       struct fault *ret_fault);

/* The same for its OCSP response, if it has one: false if it has expired. */
bool tls_pair_is_staple_fresh(const struct tls_pair *pair, int64_t now,
                              struct fault *ret_fault);

/* Is the certificate for this host name? */
bool tls_pair_covers(const struct tls_pair *pair, const char *name);

#endif
