/*
 * access/kerberos.h: the server's side of a sign-in with Kerberos, by GSSAPI.
 *
 * Only SPNEGO and Kerberos itself are accepted.  No cache of replays: see
 * docs/decisions/0037-a-kerberos-sign-in-holds-for-its-connection.md.
 */
#ifndef ACCESS_KERBEROS_H
#define ACCESS_KERBEROS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* The keys of the service: those of HTTP in a keytab.  The library reads the
 * file with each sign-in. */
struct kerberos;

/* Blocks.  The caller owns one reference.  NULL: the fault says why. */
struct kerberos *kerberos_open(const char *keytab, struct fault *ret_fault);

/* Any thread; accept NULL. */
struct kerberos *kerberos_ref(struct kerberos *kerberos);
void kerberos_unref(struct kerberos *kerberos);

/* A sign-in under way, all of it zero at first.  One thread at a time. */
struct kerberos_context {
    void *handle; /* of GSSAPI; NULL: no step was done */
    unsigned steps;
};

void kerberos_context_done(struct kerberos_context *context);

/* One step of a sign-in. */
struct kerberos_step {
    char *token; /* of the client; borrowed */
    size_t token_size;
    /* What identifies the server's end of TLS (RFC 5929 4); NULL: no TLS.  A
     * client that names one must name this.  Borrowed. */
    char *end_point;
    size_t end_point_size;

    /* The results. */
    char *reply; /* for the client; from malloc(); NULL: none */
    size_t reply_size;
    char *principal;    /* DONE: "ann@EXAMPLE.COM"; from malloc() */
    uint64_t seconds;   /* DONE: how long the ticket is valid */
    struct fault fault; /* FAILED */
};

enum kerberos_result {
    KERBEROS_DONE,
    KERBEROS_CONTINUES, /* the client sends another token */
    KERBEROS_FAILED,
};

/* Blocks. */
enum kerberos_result kerberos_accept(struct kerberos *kerberos,
                                     struct kerberos_context *context,
                                     struct kerberos_step *step);

/* Frees the results. */
void kerberos_step_done(struct kerberos_step *step);

#endif
