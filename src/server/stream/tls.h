/*
 * server/stream/tls.h: streams that encrypt, by OpenSSL.
 *
 * TLS 1.2 and 1.3, one certificate or several that the client's SNI chooses
 * from.  The certificates can be replaced at any time: connections keep those
 * that they began with.
 *
 * Streams of the door `certified` require a certificate of the client in the
 * handshake, by an authority of client_ca.  They give no session tickets, so
 * that each handshake checks it.  A connection whose certificate the newest
 * files refuse ends at its next read; each is judged again every 10 minutes,
 * too, since certificates and CRLs expire.
 */
#ifndef SERVER_STREAM_TLS_H
#define SERVER_STREAM_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "server/stream/stream.h"

struct tls_clients;
struct tls_set;
struct tls_tickets;
struct tls_trust;

/* Paths of PEM files: a certificate with those that lead to its authority, and
 * its private key.  Both may be in one file. */
struct tls_files {
    const char *certificate;
    const char *key;
    const char *ocsp; /* DER: an OCSP response to staple; NULL: none */
};

/* PEM or DER. */
struct tls_client_files {
    const char *const *ca; /* authorities; at least one */
    size_t ca_count;
    const char *const *crl; /* lists of revoked certificates */
    size_t crl_count;
};

enum tls_version {
    TLS_VERSION_1_2,
    TLS_VERSION_1_3,
};

struct tls_settings {
    const struct tls_files *files; /* the first serve clients without SNI */
    size_t count;
    enum tls_version oldest;
    /* Names with ':' between, as OpenSSL knows them: of suites of TLS 1.3 if
     * they begin with "TLS_", else of a list for TLS 1.2. */
    const char *ciphers;
    const struct tls_client_files *clients; /* NULL: `certified` stays as it
                                               is */
};

/* What the settings are made of. */
enum tls_part {
    TLS_PART_CERTIFICATE,
    TLS_PART_KEY,
    TLS_PART_OCSP,
    TLS_PART_CIPHERS,
    TLS_PART_CLIENT_CA,
    TLS_PART_CLIENT_CRL,
};

/* A problem that the administrator should fix. */
struct tls_problem {
    enum tls_part part;
    const char *path;  /* of the file; NULL: not about a file */
    const char *words; /* what is wrong with it and what to do about it */
    int error;         /* errno of a file that cannot be opened; else 0 */
    bool is_warning;   /* it serves all the same */
};

struct tls_watcher {
    void (*problem)(void *context, const struct tls_problem *problem);
    void *context;
};

/* How listeners let clients in. */
struct tls_door {
    struct stream_kind streams;
    struct tls *tls;
    struct tls_set *set; /* guarded by tls->mutex; a reference; NULL: none
                            yet */
};

struct tls {
    uv_mutex_t mutex;
    struct tls_door open;
    struct tls_door certified; /* clients must have a certificate */
    struct tls_tickets *tickets;
    struct tls_clients *clients;
    struct tls_trust *trust; /* in force; a reference; NULL: none yet */
};

/* NULL: out of memory.  Without certificates every handshake fails. */
struct tls *tls_new(void);

/* Connections live on. */
void tls_free(struct tls *tls);

/* Reads the files and puts the settings in force for new connections.  A pair
 * that cannot be used keeps the one that was read before from the same path
 * for the certificate, if there was one.  If a file of `clients` cannot be
 * used, all that were read before stay in force.  Returns false if anything was
 * wrong; ciphers that are wrong change nothing at all.  One thread at a
 * time. */
bool tls_configure(struct tls *tls, const struct tls_settings *settings,
                   const struct tls_watcher *watcher);

/* Tells of certificates and authorities that expire within 30 days or are not
 * valid, of CRLs that expire soon, and of OCSP responses that have expired,
 * which are not stapled any more.
 * now: seconds since 1970. */
void tls_check_dates(struct tls *tls, int64_t now,
                     const struct tls_watcher *watcher);

/* Replaces keys of session tickets that grew old.  Call it now and then.
 * running: seconds on a clock that never jumps. */
void tls_rotate_tickets(struct tls *tls, int64_t running);

#endif
