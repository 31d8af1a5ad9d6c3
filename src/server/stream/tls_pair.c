/*
 * server/stream/tls_pair.c: see tls_pair.h.
 */
#include "server/stream/tls_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define FRESH_DAYS 30

static bool fail(struct tls_pair_fault *ret_fault, enum tls_part part,
                 const char *words)
{
    ret_fault->part = part;
    ret_fault->error = 0;
    return fault_set(&ret_fault->fault, "%s", words);
}

/* With what OpenSSL said last. */
static bool fail_openssl(struct tls_pair_fault *ret_fault, enum tls_part part,
                         const char *words)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ret_fault->part = part;
    ret_fault->error = 0;
    return fault_set(&ret_fault->fault, "%s: %s", words,
                     reason ? reason : "unknown error");
}

/* --- files --------------------------------------------------------------- */

static const char *open_remedy(int error)
{
    switch (error) {
    case ENOENT:
        return "; correct the path";
    case EACCES:
        return "; give the user that bitsd runs as the right to read it";
    default:
        return "";
    }
}

static bool fail_open(struct tls_pair_fault *ret_fault, enum tls_part part,
                      int error)
{
    ret_fault->part = part;
    ret_fault->error = error;
    return fault_set(&ret_fault->fault, "cannot be opened: %s%s",
                     strerror(error), open_remedy(error));
}

/* A group may read a key: so does ssl-cert of Debian. */
static bool check_mode(const struct stat *status, enum tls_part part,
                       struct tls_pair_fault *ret_fault)
{
    if (part == TLS_PART_KEY && (status->st_mode & 0027) != 0) {
        ret_fault->part = part;
        ret_fault->error = 0;
        return fault_set(&ret_fault->fault,
                         "has mode %04o, so that others can %s it; run chmod "
                         "600, or 640 for a group that may read it",
                         (unsigned)(status->st_mode & 07777),
                         status->st_mode & 0004 ? "read" : "change");
    }
    return true;
}

/* OpenSSL reads the descriptor itself: no buffer of ours holds the key. */
static BIO *open_file(const char *path, enum tls_part part,
                      struct tls_pair_fault *ret_fault)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    BIO *bio;

    if (fd < 0) {
        (void)fail_open(ret_fault, part, errno);
        return NULL;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)fail(ret_fault, part, "is not a regular file");
        (void)close(fd);
        return NULL;
    }
    bio =
        check_mode(&status, part, ret_fault) ? BIO_new_fd(fd, BIO_CLOSE) : NULL;
    if (!bio) {
        (void)close(fd);
    }
    return bio;
}

/* --- certificates -------------------------------------------------------- */

/* The end of the file is not an error. */
static bool is_end_of_pem(void)
{
    unsigned long error = ERR_peek_last_error();

    return ERR_GET_LIB(error) == ERR_LIB_PEM &&
           ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static bool read_chain(BIO *bio, struct tls_pair *pair,
                       struct tls_pair_fault *ret_fault)
{
    X509 *next;

    pair->certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    if (!pair->certificate) {
        return is_end_of_pem()
                   ? fail(ret_fault, TLS_PART_CERTIFICATE,
                          "has no certificate; write one in PEM form, which "
                          "begins with -----BEGIN CERTIFICATE-----")
                   : fail_openssl(ret_fault, TLS_PART_CERTIFICATE,
                                  "has a certificate that cannot be read");
    }
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (!sk_X509_push(pair->chain, next)) {
            X509_free(next);
            return fail(ret_fault, TLS_PART_CERTIFICATE, "out of memory");
        }
    }
    return is_end_of_pem() ||
           fail_openssl(ret_fault, TLS_PART_CERTIFICATE,
                        "has a certificate of an authority that cannot be "
                        "read");
}

static bool read_certificate(const char *path, struct tls_pair *pair,
                             struct tls_pair_fault *ret_fault)
{
    BIO *bio = open_file(path, TLS_PART_CERTIFICATE, ret_fault);
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

static bool read_key(const char *path, struct tls_pair *pair,
                     struct tls_pair_fault *ret_fault)
{
    BIO *bio = open_file(path, TLS_PART_KEY, ret_fault);
    bool asked = false;

    if (!bio) {
        return false;
    }
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
    (void)BIO_free(bio);
    if (pair->key) {
        return true;
    }
    return asked ? fail(ret_fault, TLS_PART_KEY,
                        "has a passphrase; write the key without one with "
                        "openssl pkey -in FILE -out FILE")
                 : fail(ret_fault, TLS_PART_KEY,
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
    struct tm parts = {0};

    (void)OCSP_single_get0_status(single, NULL, NULL, NULL, &next);
    return next && ASN1_TIME_to_tm(next, &parts) == 1 ? timegm(&parts)
                                                      : INT64_MAX;
}

static bool take_response(OCSP_RESPONSE *response, struct tls_pair *pair,
                          struct tls_pair_fault *ret_fault)
{
    OCSP_BASICRESP *basic = response && OCSP_response_status(response) ==
                                            OCSP_RESPONSE_STATUS_SUCCESSFUL
                                ? OCSP_response_get1_basic(response)
                                : NULL;
    OCSP_SINGLERESP *single =
        basic ? find_single(basic, pair->certificate) : NULL;
    bool done = single != NULL;

    if (!basic) {
        (void)fail(ret_fault, TLS_PART_OCSP,
                   "is not a successful OCSP response in DER form");
    } else if (!single) {
        (void)fail(ret_fault, TLS_PART_OCSP,
                   "is not about the certificate; name both in the same order");
    } else {
        pair->ocsp_end = end_of(single);
        pair->ocsp_size = i2d_OCSP_RESPONSE(response, &pair->ocsp);
        done = pair->ocsp_size > 0 ||
               fail(ret_fault, TLS_PART_OCSP, "out of memory");
    }
    OCSP_BASICRESP_free(basic);
    return done;
}

static bool read_ocsp(const char *path, struct tls_pair *pair,
                      struct tls_pair_fault *ret_fault)
{
    BIO *bio;
    OCSP_RESPONSE *response;
    bool done;

    if (!path) {
        return true;
    }
    pair->ocsp_path = strdup(path);
    bio = pair->ocsp_path ? open_file(path, TLS_PART_OCSP, ret_fault) : NULL;
    if (!bio) {
        return pair->ocsp_path
                   ? false
                   : fail(ret_fault, TLS_PART_OCSP, "out of memory");
    }
    response = d2i_OCSP_RESPONSE_bio(bio, NULL);
    (void)BIO_free(bio);
    done = take_response(response, pair, ret_fault);
    OCSP_RESPONSE_free(response);
    return done;
}

/* --- life ---------------------------------------------------------------- */

/* OpenSSL refuses weak keys and digests only where they are to be used. */
static bool is_usable(const struct tls_pair *pair,
                      struct tls_pair_fault *ret_fault)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool done =
        context && SSL_CTX_use_cert_and_key(context, pair->certificate,
                                            pair->key, pair->chain, 1) == 1;

    SSL_CTX_free(context);
    return done || fail_openssl(ret_fault, TLS_PART_CERTIFICATE,
                                "is refused by OpenSSL");
}

static bool read_both(const struct tls_files *files, struct tls_pair *pair,
                      struct tls_pair_fault *ret_fault)
{
    pair->path = strdup(files->certificate);
    pair->chain = sk_X509_new_null();
    if (!pair->path || !pair->chain) {
        return fail(ret_fault, TLS_PART_CERTIFICATE, "out of memory");
    }
    return read_certificate(files->certificate, pair, ret_fault) &&
           read_key(files->key, pair, ret_fault) &&
           (X509_check_private_key(pair->certificate, pair->key) == 1 ||
            fail(ret_fault, TLS_PART_KEY,
                 "is not the key of the certificate; name both in the same "
                 "order")) &&
           is_usable(pair, ret_fault) &&
           read_ocsp(files->ocsp, pair, ret_fault);
}

struct tls_pair *tls_pair_read(const struct tls_files *files,
                               struct tls_pair_fault *ret_fault)
{
    struct tls_pair *pair = calloc(1, sizeof(*pair));
    bool done;

    if (!pair) {
        (void)fail(ret_fault, TLS_PART_CERTIFICATE, "out of memory");
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

/* "2027-01-15" */
static void write_date(const ASN1_TIME *time, char text[16])
{
    struct tm parts = {0};

    (void)ASN1_TIME_to_tm(time, &parts);
    (void)strftime(text, 16, "%Y-%m-%d", &parts);
}

static bool find_days(int64_t now, const ASN1_TIME *then, int *ret_days,
                      int *ret_seconds)
{
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now);
    bool done = from && ASN1_TIME_diff(ret_days, ret_seconds, from, then) == 1;

    ASN1_TIME_free(from);
    return done;
}

bool tls_pair_is_fresh(const struct tls_pair *pair, int64_t now,
                       struct fault *ret_fault)
{
    const ASN1_TIME *begin = X509_get0_notBefore(pair->certificate);
    const ASN1_TIME *end = X509_get0_notAfter(pair->certificate);
    char date[16];
    int days = 0;
    int seconds = 0;

    if (find_days(now, begin, &days, &seconds) && (days > 0 || seconds > 0)) {
        write_date(begin, date);
        return fault_set(ret_fault,
                         "is not valid before %s; check the clock of this "
                         "machine",
                         date);
    }
    if (!find_days(now, end, &days, &seconds) || days >= FRESH_DAYS) {
        return true;
    }
    write_date(end, date);
    return days < 0 || seconds < 0
               ? fault_set(ret_fault,
                           "has expired on %s, so that clients refuse it; "
                           "renew it and reload bitsd",
                           date)
               : fault_set(ret_fault,
                           "expires on %s, in %d day%s; renew it and reload "
                           "bitsd",
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
