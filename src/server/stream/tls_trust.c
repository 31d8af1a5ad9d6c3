/*
 * server/stream/tls_trust.c: see tls_trust.h.
 */
#include "server/stream/tls_trust.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "server/stream/tls_date.h"

#define FRESH_DAYS 30

/* --- files --------------------------------------------------------------- */

struct reader {
    struct tls_trust *trust;
    const char *path;
    enum tls_part part;
    struct tls_fault *fault;
};

static bool fail(const struct reader *reader, const char *words)
{
    return tls_fault_set(reader->fault, reader->part, words);
}

/* Takes over the certificate or the CRL. */
static bool add(const struct reader *reader, X509 *authority, X509_CRL *revoked)
{
    struct tls_trust *trust = reader->trust;
    char *path = strdup(reader->path);
    struct tls_trust_item *items =
        reallocarray(trust->items, trust->count + 1, sizeof(trust->items[0]));

    if (items) {
        trust->items = items;
    }
    if (!path || !items) {
        free(path);
        X509_free(authority);
        X509_CRL_free(revoked);
        return fail(reader, "out of memory");
    }
    items[trust->count++] = (struct tls_trust_item){
        .path = path, .authority = authority, .revoked = revoked};
    return true;
}

/* Windows exports certificates and CRLs in DER, which begins with a sequence;
 * no text does. */
static bool is_der(BIO *bio)
{
    unsigned char first = 0;

    return BIO_read(bio, &first, 1) == 1 && first == 0x30;
}

static bool add_authority(const struct reader *reader, X509 *authority)
{
    if (X509_check_ca(authority) == 0) {
        X509_free(authority);
        return fail(reader, "has a certificate that is not of an authority");
    }
    return add(reader, authority, NULL);
}

static bool read_authorities(const struct reader *reader, BIO *bio, bool der)
{
    X509 *next;
    size_t before = reader->trust->count;

    while ((next = der ? d2i_X509_bio(bio, NULL)
                       : PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
        if (!add_authority(reader, next)) {
            return false;
        }
        if (der) {
            return true;
        }
    }
    if (der || !tls_file_is_at_end()) {
        return tls_fault_openssl(reader->fault, reader->part,
                                 "has a certificate that cannot be read");
    }
    return reader->trust->count > before ||
           fail(reader, "has no certificate of an authority; write one in PEM "
                        "form, which begins with -----BEGIN CERTIFICATE-----");
}

static bool read_revoked(const struct reader *reader, BIO *bio, bool der)
{
    X509_CRL *next;
    size_t before = reader->trust->count;

    while ((next = der ? d2i_X509_CRL_bio(bio, NULL)
                       : PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
        if (!add(reader, NULL, next)) {
            return false;
        }
        if (der) {
            return true;
        }
    }
    if (der || !tls_file_is_at_end()) {
        return tls_fault_openssl(reader->fault, reader->part,
                                 "has a CRL that cannot be read");
    }
    return reader->trust->count > before ||
           fail(reader, "has no CRL; write one in PEM form, which begins with "
                        "-----BEGIN X509 CRL-----");
}

static bool read_file(const struct reader *reader)
{
    BIO *bio = tls_file_open(reader->path, reader->part, reader->fault);
    bool done = false;

    if (bio) {
        bool der = is_der(bio);

        (void)BIO_seek(bio, 0);
        done = reader->part == TLS_PART_CLIENT_CA
                   ? read_authorities(reader, bio, der)
                   : read_revoked(reader, bio, der);
    }
    (void)BIO_free(bio);
    return done;
}

static bool read_files(struct tls_trust *trust,
                       const struct tls_client_files *files,
                       struct tls_fault *ret_fault, const char **ret_path)
{
    struct reader reader = {
        .trust = trust, .part = TLS_PART_CLIENT_CA, .fault = ret_fault};

    for (size_t i = 0; i < files->ca_count + files->crl_count; i++) {
        if (i >= files->ca_count) {
            reader.part = TLS_PART_CLIENT_CRL;
            reader.path = files->crl[i - files->ca_count];
        } else {
            reader.path = files->ca[i];
        }
        *ret_path = reader.path;
        ERR_clear_error();
        if (!read_file(&reader)) {
            ERR_clear_error();
            return false;
        }
    }
    ERR_clear_error();
    return true;
}

/* --- the store ----------------------------------------------------------- */

static bool revokes(X509_CRL *list, X509 *authority)
{
    X509_REVOKED *entry;

    return X509_NAME_cmp(X509_CRL_get_issuer(list),
                         X509_get_issuer_name(authority)) == 0 &&
           X509_CRL_get0_by_cert(list, &entry, authority) == 1;
}

/* A trusted authority ends each chain: OpenSSL does not look above it. */
static bool is_revoked(const struct tls_trust *trust, X509 *authority)
{
    for (size_t i = 0; i < trust->count; i++) {
        if (trust->items[i].revoked &&
            revokes(trust->items[i].revoked, authority)) {
            return true;
        }
    }
    return false;
}

static bool store_authority(struct tls_trust *trust,
                            struct tls_trust_item *item)
{
    X509_NAME *name;

    item->is_revoked = is_revoked(trust, item->authority);
    if (item->is_revoked) {
        return true;
    }
    name = X509_NAME_dup(X509_get_subject_name(item->authority));
    if (!name || !sk_X509_NAME_push(trust->names, name)) {
        X509_NAME_free(name);
        return false;
    }
    return X509_STORE_add_cert(trust->store, item->authority) == 1;
}

/* False: no memory. */
static bool fill_store(struct tls_trust *trust)
{
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;

    for (size_t i = 0; i < trust->count; i++) {
        struct tls_trust_item *item = &trust->items[i];

        if (item->revoked) {
            flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
        }
        if (item->revoked ? X509_STORE_add_crl(trust->store, item->revoked) != 1
                          : !store_authority(trust, item)) {
            return false;
        }
    }
    return X509_STORE_set_flags(trust->store, flags) == 1;
}

/* --- life ---------------------------------------------------------------- */

struct tls_trust *tls_trust_read(const struct tls_client_files *files,
                                 struct tls_fault *ret_fault,
                                 const char **ret_path)
{
    struct tls_trust *trust = calloc(1, sizeof(*trust));

    *ret_path = files->ca[0];
    if (!trust) {
        (void)tls_fault_set(ret_fault, TLS_PART_CLIENT_CA, "out of memory");
        return NULL;
    }
    atomic_init(&trust->references, 1);
    trust->store = X509_STORE_new();
    trust->names = sk_X509_NAME_new_null();
    if (!trust->store || !trust->names) {
        (void)tls_fault_set(ret_fault, TLS_PART_CLIENT_CA, "out of memory");
    } else if (read_files(trust, files, ret_fault, ret_path)) {
        if (fill_store(trust)) {
            return trust;
        }
        (void)tls_fault_set(ret_fault, TLS_PART_CLIENT_CA, "out of memory");
    }
    tls_trust_unref(trust);
    return NULL;
}

struct tls_trust *tls_trust_ref(struct tls_trust *trust)
{
    atomic_fetch_add_explicit(&trust->references, 1, memory_order_relaxed);
    return trust;
}

void tls_trust_unref(struct tls_trust *trust)
{
    if (!trust || atomic_fetch_sub_explicit(&trust->references, 1,
                                            memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < trust->count; i++) {
        free(trust->items[i].path);
        X509_free(trust->items[i].authority);
        X509_CRL_free(trust->items[i].revoked);
    }
    free(trust->items);
    X509_STORE_free(trust->store);
    sk_X509_NAME_pop_free(trust->names, X509_NAME_free);
    free(trust);
}

/* --- dates --------------------------------------------------------------- */

static bool is_authority_fresh(const struct tls_trust_item *item, int64_t now,
                               struct fault *ret_fault)
{
    const ASN1_TIME *end = X509_get0_notAfter(item->authority);
    int64_t left = tls_date_read(end) - now;
    char date[TLS_DATE_MAX];

    if (item->is_revoked) {
        return fault_set(ret_fault, "has an authority that client_crl revokes; "
                                    "bitsd does not trust it, remove it");
    }
    if (now < tls_date_read(X509_get0_notBefore(item->authority))) {
        tls_date_write(X509_get0_notBefore(item->authority), date);
        return fault_set(ret_fault,
                         "is not valid before %s; check the clock of this "
                         "machine",
                         date);
    }
    tls_date_write(end, date);
    if (left < 0) {
        return fault_set(ret_fault,
                         "has expired on %s, so that bitsd refuses its "
                         "clients; renew it and reload bitsd",
                         date);
    }
    return left >= (int64_t)FRESH_DAYS * TLS_DAY ||
           fault_set(ret_fault,
                     "expires on %s, in %d days; renew it and reload bitsd",
                     date, (int)(left / TLS_DAY));
}

/* A list that lives for a week is always near its end: a quarter of its life
 * is early enough. */
static int64_t early(const X509_CRL *list, int64_t end)
{
    int64_t life = end - tls_date_read(X509_CRL_get0_lastUpdate(list));
    int64_t days = (int64_t)FRESH_DAYS * TLS_DAY;

    return life / 4 < days ? life / 4 : days;
}

static bool is_list_fresh(const X509_CRL *list, int64_t now,
                          struct fault *ret_fault)
{
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);
    int64_t end = tls_date_read(next);
    char date[TLS_DATE_MAX];

    if (!next || now < end - early(list, end)) {
        return true;
    }
    tls_date_write(next, date);
    return now >= end ? fault_set(ret_fault,
                                  "has expired on %s, so that bitsd refuses "
                                  "all clients of its authority; fetch a new "
                                  "one and reload bitsd",
                                  date)
                      : fault_set(ret_fault,
                                  "expires on %s; fetch a new one and reload "
                                  "bitsd",
                                  date);
}

bool tls_trust_is_fresh(const struct tls_trust_item *item, int64_t now,
                        struct fault *ret_fault)
{
    return item->revoked ? is_list_fresh(item->revoked, now, ret_fault)
                         : is_authority_fresh(item, now, ret_fault);
}

/* --- verdicts ------------------------------------------------------------ */

static const struct {
    int error;
    const char *words;
} rows[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "is not valid yet"},
    {X509_V_ERR_CERT_REVOKED, "was revoked (client_crl)"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
     "was not issued by an authority of client_ca"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     "was not issued by an authority of client_ca, or the client does not send "
     "those between"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
     "was not issued by an authority of client_ca"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     "signed itself and is not in client_ca"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
     "is of an authority that is not in client_ca"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE,
     "has a signature that is not of the authority that it names"},
    {X509_V_ERR_UNABLE_TO_GET_CRL,
     "cannot be checked: client_crl has no CRL of its issuer; add it"},
    {X509_V_ERR_CRL_HAS_EXPIRED,
     "cannot be checked: the CRL of its issuer has expired; fetch a new one "
     "and reload bitsd"},
    {X509_V_ERR_CRL_NOT_YET_VALID,
     "cannot be checked: the CRL of its issuer is not valid yet; check the "
     "clock of this machine"},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE,
     "cannot be checked: the CRL has a signature that is not of its issuer"},
    {X509_V_ERR_INVALID_PURPOSE,
     "is not for clients: its extended key usage lacks clientAuth"},
};

static const char *words_of(int error)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].error == error) {
            return rows[i].words;
        }
    }
    return X509_verify_cert_error_string(error);
}

#define NAME_TEXT_MAX 160

/* In ASCII, with everything else escaped. */
static void write_name(const X509_NAME *name, char ret_text[NAME_TEXT_MAX])
{
    BIO *bio = BIO_new(BIO_s_mem());
    int length = 0;

    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        length = BIO_read(bio, ret_text, NAME_TEXT_MAX - 1);
    }
    ret_text[length > 0 ? length : 0] = '\0';
    (void)BIO_free(bio);
}

void tls_trust_explain(X509_STORE_CTX *context, struct fault *ret_fault)
{
    const X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    const char *words = words_of(X509_STORE_CTX_get_error(context));
    char subject[NAME_TEXT_MAX] = "";
    char issuer[NAME_TEXT_MAX] = "";

    if (!certificate) {
        (void)fault_set(ret_fault, "the client's certificate is refused: %s",
                        words);
        return;
    }
    write_name(X509_get_subject_name(certificate), subject);
    write_name(X509_get_issuer_name(certificate), issuer);
    (void)fault_set(ret_fault, "%s %s (subject %s; issuer %s)",
                    X509_STORE_CTX_get_error_depth(context) > 0
                        ? "an authority of the client's certificate"
                        : "the client's certificate",
                    words, subject, issuer);
}

bool tls_trust_admits(const struct tls_trust *trust, X509 *certificate,
                      STACK_OF(X509) * chain, struct fault *ret_fault)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool done = false;

    if (!context ||
        X509_STORE_CTX_init(context, trust->store, certificate, chain) != 1 ||
        X509_STORE_CTX_set_default(context, "ssl_client") != 1) {
        (void)fault_set(ret_fault, "out of memory");
    } else if (X509_verify_cert(context) == 1) {
        done = true;
    } else {
        tls_trust_explain(context, ret_fault);
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return done;
}
