/*
 * server/stream/tls_tickets.c: see tls_tickets.h.
 *
 * The form is that of RFC 5077 4: AES-256-CBC, then HMAC-SHA-256.
 */
#include "server/stream/tls_tickets.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <uv.h>

#include "os/secrets.h"

#define NAME_SIZE 16
#define KEY_COUNT 2

struct ticket_key {
    unsigned char name[NAME_SIZE];
    unsigned char cipher[32];
    unsigned char mac[32];
};

struct tls_tickets {
    atomic_uint references;
    uv_mutex_t mutex;
    struct ticket_key *keys; /* a secret, newest first; guarded by mutex */
    size_t count;            /* guarded by mutex */
    int64_t made;            /* the newest; of rotate() alone */
};

static bool make_key(struct ticket_key *ret_key)
{
    return RAND_bytes(ret_key->name, sizeof(ret_key->name)) == 1 &&
           RAND_priv_bytes(ret_key->cipher, sizeof(ret_key->cipher)) == 1 &&
           RAND_priv_bytes(ret_key->mac, sizeof(ret_key->mac)) == 1;
}

struct tls_tickets *tls_tickets_new(void)
{
    struct tls_tickets *tickets = calloc(1, sizeof(*tickets));

    if (!tickets || uv_mutex_init(&tickets->mutex) < 0) {
        free(tickets);
        return NULL;
    }
    atomic_init(&tickets->references, 1);
    tickets->made = INT64_MIN;
    tickets->keys = os_secret_new(KEY_COUNT * sizeof(tickets->keys[0]));
    if (!tickets->keys || !make_key(&tickets->keys[0])) {
        tls_tickets_unref(tickets);
        return NULL;
    }
    tickets->count = 1;
    return tickets;
}

struct tls_tickets *tls_tickets_ref(struct tls_tickets *tickets)
{
    atomic_fetch_add_explicit(&tickets->references, 1, memory_order_relaxed);
    return tickets;
}

void tls_tickets_unref(struct tls_tickets *tickets)
{
    if (atomic_fetch_sub_explicit(&tickets->references, 1,
                                  memory_order_acq_rel) == 1) {
        uv_mutex_destroy(&tickets->mutex);
        os_secret_free(tickets->keys, KEY_COUNT * sizeof(tickets->keys[0]));
        free(tickets);
    }
}

void tls_tickets_rotate(struct tls_tickets *tickets, int64_t running)
{
    struct ticket_key key;

    if (tickets->made == INT64_MIN) {
        tickets->made = running;
    }
    if (running - tickets->made < TLS_TICKET_SECONDS || !make_key(&key)) {
        return;
    }
    tickets->made = running;
    uv_mutex_lock(&tickets->mutex);
    tickets->keys[1] = tickets->keys[0];
    tickets->keys[0] = key;
    tickets->count = KEY_COUNT;
    uv_mutex_unlock(&tickets->mutex);
    OPENSSL_cleanse(&key, sizeof(key));
}

/* --- what OpenSSL calls -------------------------------------------------- */

/* Returns which one it is, or -1. */
static int find_key(struct tls_tickets *tickets, const unsigned char *name,
                    struct ticket_key *ret_key)
{
    int found = -1;

    uv_mutex_lock(&tickets->mutex);
    for (size_t i = 0; i < tickets->count && found < 0; i++) {
        if (!name || memcmp(tickets->keys[i].name, name, NAME_SIZE) == 0) {
            *ret_key = tickets->keys[i];
            found = (int)i;
        }
    }
    uv_mutex_unlock(&tickets->mutex);
    return found;
}

static bool set_mac(EVP_MAC_CTX *context, struct ticket_key *key)
{
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac,
                                          sizeof(key->mac)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_CTX_set_params(context, parameters) == 1;
}

static int encrypt(struct tls_tickets *tickets, unsigned char *name,
                   unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    struct ticket_key key;
    bool done;

    (void)find_key(tickets, NULL, &key);
    memcpy(name, key.name, NAME_SIZE);
    done = RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
           EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher,
                              iv) == 1 &&
           set_mac(mac, &key);
    OPENSSL_cleanse(&key, sizeof(key));
    return done ? 1 : -1;
}

/* 0: not a key of ours; 1: decrypt; 2: decrypt, and give a new ticket. */
static int decrypt(struct tls_tickets *tickets, const unsigned char *name,
                   const unsigned char *iv, EVP_CIPHER_CTX *cipher,
                   EVP_MAC_CTX *mac)
{
    struct ticket_key key;
    int found = find_key(tickets, name, &key);
    bool done;

    if (found < 0) {
        return 0;
    }
    done = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher,
                              iv) == 1 &&
           set_mac(mac, &key);
    OPENSSL_cleanse(&key, sizeof(key));
    if (!done) {
        return -1;
    }
    return found == 0 ? 1 : 2;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
                     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypting)
{
    struct tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    return encrypting ? encrypt(tickets, name, iv, cipher, mac)
                      : decrypt(tickets, name, iv, cipher, mac);
}

bool tls_tickets_serve(struct tls_tickets *tickets, SSL_CTX *context)
{
    SSL_CTX_set_timeout(context, TLS_TICKET_SECONDS);
    return SSL_CTX_set_app_data(context, tickets) == 1 &&
           SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) == 1;
}
