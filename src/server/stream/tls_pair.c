/*
 * server/stream/tls_pair.c: see tls_pair.h.
 */
#include "server/stream/tls_pair.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "os/secrets.h"
#include "server/stream/tls_date.h"

#define FRESH_DAYS 30

/* --- certificates -------------------------------------------------------- */

static bool read_chain(BIO *bio, struct tls_pair *pair,
                       struct tls_fault *ret_fault)
{
    X509 *next;

    pair->certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    if (!pair->certificate) {
        return tls_file_is_at_end()
                   ? tls_fault_set(
                         ret_fault, TLS_PART_CERTIFICATE,
                         "has no certificate; write one in PEM form, which "
                         "begins with -----BEGIN CERTIFICATE-----")
                   : tls_fault_openssl(ret_fault, TLS_PART_CERTIFICATE,
                                       "has a certificate that cannot be read");
    }
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (!sk_X509_push(pair->chain, next)) {
            X509_free(next);
            return tls_fault_set(ret_fault, TLS_PART_CERTIFICATE,
                                 "out of memory");
        }
    }
    return tls_file_is_at_end() ||
           tls_fault_openssl(ret_fault, TLS_PART_CERTIFICATE,
                             "has a certificate of an authority that cannot be "
                             "read");
}

static bool read_certificate(const char *path, struct tls_pair *pair,
                             struct tls_fault *ret_fault)
{
    BIO *bio = tls_file_open(path, TLS_PART_CERTIFICATE, ret_fault);
    bool done = bio && read_chain(bio, pair, ret_fault);

    (void)BIO_free(bio);
    return done;
}

/* --- keys ---------------------------------------------------------------- */

/* Refuses a key with a passphrase: bitsd has no terminal to ask for it. */
static int no_passphrase(char *room, int size, int writing, void *asked)
{
    (void)room;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

/* OpenSSL prepares some keys at their first signature, in further copies. */
static bool sign_once(EVP_PKEY *key)
{
    unsigned char signature[1024];
    size_t size = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context &&
                EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &size,
                               (const unsigned char *)"", 0) == 1;

    EVP_MD_CTX_free(context);
    return done;
}

static bool read_key(const char *path, struct tls_pair *pair,
                     struct tls_fault *ret_fault)
{
    BIO *bio = tls_file_open(path, TLS_PART_KEY, ret_fault);
    bool asked = false;
    bool signs;

    if (!bio) {
        return false;
    }
    os_secret_begin();
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
    (void)BIO_free(bio);
    signs = pair->key && sign_once(pair->key);
    os_secret_end();
    if (pair->key) {
        return signs ||
               tls_fault_openssl(ret_fault, TLS_PART_KEY, "cannot sign");
    }
    return asked ? tls_fault_set(
                       ret_fault, TLS_PART_KEY,
                       "has a passphrase; write the key without one with "
                       "openssl pkey -in FILE -out FILE")
                 : tls_fault_set(
                       ret_fault, TLS_PART_KEY,
                       "has no private key; write one in PEM form, which "
                       "begins with -----BEGIN PRIVATE KEY-----");
}

/* --- OCSP ---------------------------------------------------------------- */

/* The part of the response about the certificate, found by its number. */
static OCSP_SINGLERESP *find_single(OCSP_BASICRESP *basic,
                                    const X509 *certificate)
{
    for (int i = 0; i < OCSP_resp_count(basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        OCSP_CERTID *id =
            (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(single);
        ASN1_INTEGER *serial = NULL;

        (void)OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
        if (serial && ASN1_INTEGER_cmp(
                          serial, X509_get0_serialNumber(certificate)) == 0) {
            return single;
        }
    }
    return NULL;
}

/* Without a next update it stays good. */
static int64_t end_of(OCSP_SINGLERESP *single)
{
    ASN1_GENERALIZEDTIME *next = NULL;

    (void)OCSP_single_get0_status(single, NULL, NULL, NULL, &next);
    return tls_date_read(next);
}

static bool take_response(OCSP_RESPONSE *response, struct tls_pair *pair,
                          struct tls_fault *ret_fault)
{
    OCSP_BASICRESP *basic = response && OCSP_response_status(response) ==
                                            OCSP_RESPONSE_STATUS_SUCCESSFUL
                                ? OCSP_response_get1_basic(response)
                                : NULL;
    OCSP_SINGLERESP *single =
        basic ? find_single(basic, pair->certificate) : NULL;
    bool done = single != NULL;

    if (!basic) {
        (void)tls_fault_set(ret_fault, TLS_PART_OCSP,
                            "is not a successful OCSP response in DER form");
    } else if (!single) {
        (void)tls_fault_set(
            ret_fault, TLS_PART_OCSP,
            "is not about the certificate; name both in the same order");
    } else {
        pair->ocsp_end = end_of(single);
        pair->ocsp_size = i2d_OCSP_RESPONSE(response, &pair->ocsp);
        done = pair->ocsp_size > 0 ||
               tls_fault_set(ret_fault, TLS_PART_OCSP, "out of memory");
    }
    OCSP_BASICRESP_free(basic);
    return done;
}

static bool read_ocsp(const char *path, struct tls_pair *pair,
                      struct tls_fault *ret_fault)
{
    BIO *bio;
    OCSP_RESPONSE *response;
    bool done;

    if (!path) {
        return true;
    }
    pair->ocsp_path = strdup(path);
    bio =
        pair->ocsp_path ? tls_file_open(path, TLS_PART_OCSP, ret_fault) : NULL;
    if (!bio) {
        return pair->ocsp_path
                   ? false
                   : tls_fault_set(ret_fault, TLS_PART_OCSP, "out of memory");
    }
    response = d2i_OCSP_RESPONSE_bio(bio, NULL);
    (void)BIO_free(bio);
    done = take_response(response, pair, ret_fault);
    OCSP_RESPONSE_free(response);
    return done;
}

/* --- life ---------------------------------------------------------------- */

/* OpenSSL refuses weak keys and digests only where they are to be used. */
static bool is_usable(const struct tls_pair *pair, struct tls_fault *ret_fault)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool done =
        context && SSL_CTX_use_cert_and_key(context, pair->certificate,
                                            pair->key, pair->chain, 1) == 1;

    SSL_CTX_free(context);
    return done || tls_fault_openssl(ret_fault, TLS_PART_CERTIFICATE,
                                     "is refused by OpenSSL");
}

static bool read_both(const struct tls_files *files, struct tls_pair *pair,
                      struct tls_fault *ret_fault)
{
    pair->path = strdup(files->certificate);
    pair->chain = sk_X509_new_null();
    if (!pair->path || !pair->chain) {
        return tls_fault_set(ret_fault, TLS_PART_CERTIFICATE, "out of memory");
    }
    return read_certificate(files->certificate, pair, ret_fault) &&
           read_key(files->key, pair, ret_fault) &&
           (X509_check_private_key(pair->certificate, pair->key) == 1 ||
            tls_fault_set(
                ret_fault, TLS_PART_KEY,
                "is not the key of the certificate; name both in the same "
                "order")) &&
           is_usable(pair, ret_fault) &&
           read_ocsp(files->ocsp, pair, ret_fault);
}

struct tls_pair *tls_pair_read(const struct tls_files *files,
                               struct tls_fault *ret_fault)
{
    struct tls_pair *pair = calloc(1, sizeof(*pair));
    bool done;

    if (!pair) {
        (void)tls_fault_set(ret_fault, TLS_PART_CERTIFICATE, "out of memory");
        return NULL;
    }
    atomic_init(&pair->references, 1);
    ERR_clear_error();
    done = read_both(files, pair, ret_fault);
    ERR_clear_error();
    if (!done) {
        tls_pair_unref(pair);
        return NULL;
    }
    return pair;
}

struct tls_pair *tls_pair_ref(struct tls_pair *pair)
{
    atomic_fetch_add_explicit(&pair->references, 1, memory_order_relaxed);
    return pair;
}

void tls_pair_unref(struct tls_pair *pair)
{
    if (atomic_fetch_sub_explicit(&pair->references, 1, memory_order_acq_rel) ==
        1) {
        free(pair->path);
        X509_free(pair->certificate);
        sk_X509_pop_free(pair->chain, X509_free);
        EVP_PKEY_free(pair->key);
        free(pair->ocsp_path);
        OPENSSL_free(pair->ocsp);
        free(pair);
    }
}

/* --- what it is good for ------------------------------------------------- */

bool tls_pair_is_fresh(const struct tls_pair *pair, int64_t now,
                       struct fault *ret_fault)
{
    const ASN1_TIME *begin = X509_get0_notBefore(pair->certificate);
    const ASN1_TIME *end = X509_get0_notAfter(pair->certificate);
    int64_t left = tls_date_read(end) - now;
    int days = (int)(left / TLS_DAY);
    char date[TLS_DATE_MAX];

    if (now < tls_date_read(begin)) {
        tls_date_write(begin, date);
        return fault_set(ret_fault,
                         "is not valid before %s; check the clock of this "
                         "machine",
                         date);
    }
    if (left >= (int64_t)FRESH_DAYS * TLS_DAY) {
        return true;
    }
    tls_date_write(end, date);
    return left < 0 ? fault_set(ret_fault,
                                "has expired on %s, so that clients refuse it; "
                                "renew it and reload bitsd",
                                date)
                    : fault_set(ret_fault,
                                "expires on %s, in %d day%s; renew it and "
                                "reload bitsd",
                                date, days, days == 1 ? "" : "s");
}

bool tls_pair_is_staple_fresh(const struct tls_pair *pair, int64_t now,
                              struct fault *ret_fault)
{
    return !pair->ocsp || now < pair->ocsp_end ||
           fault_set(ret_fault, "has expired and is not sent any more; fetch a "
                                "new response and reload bitsd");
}

bool tls_pair_covers(const struct tls_pair *pair, const char *name)
{
    return X509_check_host(pair->certificate, name, strlen(name), 0, NULL) == 1;
}
