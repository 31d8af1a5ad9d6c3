/*
 * server/stream/tls_file.h: opens files of certificates and keys, and says what
 * is wrong with them.
 */
#ifndef SERVER_STREAM_TLS_FILE_H
#define SERVER_STREAM_TLS_FILE_H

#include <stdbool.h>

#include <openssl/bio.h>

#include "base/fault.h"
#include "server/stream/tls.h"

struct tls_fault {
    struct fault fault;
    enum tls_part part;
    int error; /* errno of a file that cannot be opened; else 0 */
};

/* Both return false. */
bool tls_fault_set(struct tls_fault *ret_fault, enum tls_part part,
                   const char *words);

/* With what OpenSSL said last. */
bool tls_fault_openssl(struct tls_fault *ret_fault, enum tls_part part,
                       const char *words);

/* Opens a regular file; that of a key must not be readable by others.  NULL:
 * the fault says why. */
BIO *tls_file_open(const char *path, enum tls_part part,
                   struct tls_fault *ret_fault);

/* Call if a reader of PEM returned NULL: did the file have no more? */
bool tls_file_is_at_end(void);

#endif
