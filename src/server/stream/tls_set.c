/*
 * server/stream/tls_set.c: see tls_set.h.
 */
#include "server/stream/tls_set.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/text.h"
#include "os/clock.h"
#include "server/stream/tls_end_point.h"

/* Of sessions of this program, whatever certificate they began with. */
#define SESSION_CONTEXT "bitsd"

/* Of those that a certificate of the client began, which are never resumed. */
#define CERTIFIED_CONTEXT "bitsd certificate"

static const unsigned char http_1_1[] = "\x08http/1.1";

static bool fail(struct tls_fault *ret_fault, enum tls_part part,
                 const char *words)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ret_fault->part = part;
    ret_fault->error = 0;
    return fault_set(&ret_fault->fault, "%s%s%s", words, reason ? ": " : "",
                     reason ? reason : "");
}

/* --- what OpenSSL calls -------------------------------------------------- */

/* HTTP/1.1, or the handshake fails: a client that offers other protocols only
 * would not understand an answer. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_protocol,
                           unsigned char *ret_length,
                           const unsigned char *offered, unsigned length,
                           void *unused)
{
    unsigned char *chosen;

    (void)ssl;
    (void)unused;
    if (SSL_select_next_proto(&chosen, ret_length, http_1_1,
                              sizeof(http_1_1) - 1, offered,
                              length) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *ret_protocol = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* The first certificate that covers the name, else the first of all. */
static int choose_certificate(SSL *ssl, int *alert, void *argument)
{
    const struct tls_set *set = argument;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert;
    for (size_t i = 0; name && i < set->count; i++) {
        if (tls_pair_covers(set->entries[i].pair, name)) {
            (void)SSL_set_SSL_CTX(ssl, set->entries[i].context);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/* The client asks for the state of the certificate.  An expired response would
 * be worse than none. */
static int staple(SSL *ssl, void *argument)
{
    const struct tls_pair *pair = argument;
    int64_t now = os_clock_system.wall(os_clock_system.context);
    struct fault unused;
    unsigned char *copy;

    if (!pair->ocsp || !tls_pair_is_staple_fresh(pair, now, &unused)) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    copy = OPENSSL_memdup(pair->ocsp, (size_t)pair->ocsp_size);
    if (!copy) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    (void)SSL_set_tlsext_status_ocsp_resp(ssl, copy, pair->ocsp_size);
    return SSL_TLSEXT_ERR_OK;
}

/* --- settings ------------------------------------------------------------ */

#define CIPHERS_MAX 1024

static bool is_of_tls_1_3(struct bits_text name)
{
    return text_has_prefix_nocase(name, TEXT("TLS_"));
}

/* Copies the names of one kind, with ':' between. */
static bool pick_ciphers(const char *ciphers, bool of_tls_1_3,
                         char ret_list[CIPHERS_MAX])
{
    struct bits_text rest = text_of(ciphers);
    struct bits_text name;
    size_t size = 0;
    bool more;

    do {
        more = text_take_until(&rest, ':', &name);
        if (!more) {
            name = rest;
        }
        if (name.len == 0 || is_of_tls_1_3(name) != of_tls_1_3) {
            continue;
        }
        if (size + name.len + 2 > CIPHERS_MAX) {
            return false;
        }
        if (size > 0) {
            ret_list[size++] = ':';
        }
        memcpy(ret_list + size, name.ptr, name.len);
        size += name.len;
    } while (more);
    ret_list[size] = '\0';
    return true;
}

/* If the list names no cipher of a kind, OpenSSL's default remains. */
static bool set_ciphers(SSL_CTX *context, const char *ciphers,
                        struct tls_fault *ret_fault)
{
    char list[CIPHERS_MAX];

    if (!pick_ciphers(ciphers, false, list) ||
        (list[0] && SSL_CTX_set_cipher_list(context, list) != 1)) {
        return fail(ret_fault, TLS_PART_CIPHERS,
                    "OpenSSL knows no such cipher; openssl ciphers -v lists "
                    "them");
    }
    if (!pick_ciphers(ciphers, true, list) ||
        (list[0] && SSL_CTX_set_ciphersuites(context, list) != 1)) {
        return fail(ret_fault, TLS_PART_CIPHERS,
                    "OpenSSL knows no such suite of TLS 1.3; openssl ciphers "
                    "-v -tls1_3 lists them");
    }
    return true;
}

static bool use_pair(SSL_CTX *context, struct tls_pair *pair,
                     struct tls_fault *ret_fault)
{
    (void)SSL_CTX_set_tlsext_status_cb(context, staple);
    (void)SSL_CTX_set_tlsext_status_arg(context, pair);
    if (SSL_CTX_use_cert_and_key(context, pair->certificate, pair->key,
                                 pair->chain, 1) == 1) {
        return true;
    }
    return fail(ret_fault, TLS_PART_CERTIFICATE, "cannot be used");
}

static void set_modes(SSL_CTX *context)
{
    /* Renegotiation costs the server more than the client; compression gives
     * away content; early data could be replayed.  A client that closes its
     * side without close_notify still gets its answer: HTTP itself knows
     * whether anything was cut off. */
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
                                           SSL_OP_NO_COMPRESSION |
                                           SSL_OP_IGNORE_UNEXPECTED_EOF |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_PRIORITIZE_CHACHA);
    (void)SSL_CTX_set_max_early_data(context, 0);
    /* A connection that waits has no buffers. */
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
                                        SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    /* The client keeps its session, in a ticket. */
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(context, 1);
}

/* In the handshake and at once: Windows cannot answer a later request. */
static bool require_certificate(SSL_CTX *context, const struct tls_trust *trust)
{
    STACK_OF(X509_NAME) *names =
        SSL_dup_CA_list((STACK_OF(X509_NAME) *)trust->names);

    SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_client_CA_list(context, names);
    return names && SSL_CTX_set1_verify_cert_store(context, trust->store) == 1;
}

/* Without tickets each handshake checks the certificate. */
static bool resume_never(SSL_CTX *context)
{
    (void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(context, 0) == 1 &&
           SSL_CTX_set_session_id_context(
               context, (const unsigned char *)CERTIFIED_CONTEXT,
               sizeof(CERTIFIED_CONTEXT) - 1) == 1;
}

static bool resume_by_tickets(SSL_CTX *context, struct tls_tickets *tickets)
{
    return SSL_CTX_set_session_id_context(
               context, (const unsigned char *)SESSION_CONTEXT,
               sizeof(SESSION_CONTEXT) - 1) == 1 &&
           tls_end_point_serve(context) && tls_tickets_serve(tickets, context);
}

static bool set_up(SSL_CTX *context, const struct tls_settings *settings,
                   const struct tls_material *material,
                   struct tls_fault *ret_fault)
{
    int oldest =
        settings->oldest == TLS_VERSION_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;

    set_modes(context);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    (void)SSL_CTX_set_tlsext_servername_callback(context, choose_certificate);
    if (SSL_CTX_set_min_proto_version(context, oldest) != 1 ||
        !(material->trust ? require_certificate(context, material->trust) &&
                                resume_never(context)
                          : resume_by_tickets(context, material->tickets))) {
        return fail(ret_fault, TLS_PART_CERTIFICATE, "cannot be used");
    }
    return !settings->ciphers ||
           set_ciphers(context, settings->ciphers, ret_fault);
}

/* --- life ---------------------------------------------------------------- */

/* Of the pair with this index. */
static bool add(struct tls_set *set, const struct tls_settings *settings,
                const struct tls_material *material,
                struct tls_fault *ret_fault)
{
    struct tls_pair *pair = material->pairs[set->count];
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (!context) {
        return fail(ret_fault, TLS_PART_CERTIFICATE, "cannot be used");
    }
    (void)SSL_CTX_set_tlsext_servername_arg(context, set);
    if (!set_up(context, settings, material, ret_fault) ||
        !use_pair(context, pair, ret_fault)) {
        SSL_CTX_free(context);
        return false;
    }
    set->entries[set->count++] =
        (struct tls_entry){.pair = tls_pair_ref(pair), .context = context};
    return true;
}

struct tls_set *tls_set_new(const struct tls_settings *settings,
                            const struct tls_material *material,
                            struct tls_fault *ret_fault)
{
    struct tls_set *set =
        calloc(1, sizeof(*set) + material->count * sizeof(set->entries[0]));

    ERR_clear_error();
    if (!set) {
        (void)fail(ret_fault, TLS_PART_CERTIFICATE, "out of memory");
        return NULL;
    }
    atomic_init(&set->references, 1);
    set->tickets = tls_tickets_ref(material->tickets);
    set->clients = material->trust ? tls_clients_ref(material->clients) : NULL;
    while (set->count < material->count) {
        if (!add(set, settings, material, ret_fault)) {
            ERR_clear_error();
            tls_set_unref(set);
            return NULL;
        }
    }
    return set;
}

struct tls_set *tls_set_ref(struct tls_set *set)
{
    atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    return set;
}

void tls_set_unref(struct tls_set *set)
{
    if (!set || atomic_fetch_sub_explicit(&set->references, 1,
                                          memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        SSL_CTX_free(set->entries[i].context);
        tls_pair_unref(set->entries[i].pair);
    }
    tls_tickets_unref(set->tickets);
    tls_clients_unref(set->clients);
    free(set);
}
