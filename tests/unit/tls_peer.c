/*
 * tests/unit/tls_peer.c: see tls_peer.h.
 */
#include "tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define DAY_SECONDS 86400

/* --- certificates -------------------------------------------------------- */

static void name_it(X509 *certificate, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_EXTENSION *extension;
    char names[128];

    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                                (const unsigned char *)name, -1,
                                                -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(certificate, subject), 1);
    (void)snprintf(names, sizeof(names), "DNS:%s", name);
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

void tls_peer_make(const char *folder, const char *name, int from, int to)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    char path[256];
    FILE *file;

    assert_true(key && certificate);
    assert_int_equal(X509_set_version(certificate, 2), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate),
                          (long)from * DAY_SECONDS);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate),
                          (long)to * DAY_SECONDS);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    name_it(certificate, name);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);

    (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fchmod(fileno(file), 0600), 0);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL),
                     1);
    assert_int_equal(fclose(file), 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void fail_at_a_problem(void *context, const struct tls_problem *problem)
{
    (void)context;
    fail_msg("%s", problem->words);
}

struct tls *tls_peer_serve(const char *folder, const char *name)
{
    static const struct tls_watcher watcher = {fail_at_a_problem, NULL};
    struct tls *tls = tls_new();
    char path[256];
    const struct tls_files files = {path, path, NULL};
    const struct tls_settings settings = {.files = &files, .count = 1};

    assert_non_null(tls);
    (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
    assert_true(tls_configure(tls, &settings, &watcher));
    return tls;
}

/* --- the client ---------------------------------------------------------- */

/* OpenSSL's macro takes a const away. */
static void send_name(SSL *ssl, const char *name)
{
    char *copy = strdup(name);

    assert_non_null(copy);
    assert_int_equal(SSL_set_tlsext_host_name(ssl, copy), 1);
    free(copy);
}

void tls_client_greet(struct tls_client *client, int fd,
                      const char *server_name)
{
    /* What is sent to a server that has closed. */
    (void)signal(SIGPIPE, SIG_IGN);
    memset(client, 0, sizeof(*client));
    client->fd = fd;
    client->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(client->context);
    client->ssl = SSL_new(client->context);
    assert_non_null(client->ssl);
    assert_int_equal(SSL_set_fd(client->ssl, fd), 1);
    if (server_name) {
        send_name(client->ssl, server_name);
    }
    assert_int_equal(SSL_connect(client->ssl), 1);
}

void tls_client_done(struct tls_client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
}

void tls_client_send(struct tls_client *client, const void *data, size_t size)
{
    size_t sent;

    assert_int_equal(SSL_write_ex(client->ssl, data, size, &sent), 1);
    assert_int_equal(sent, size);
}

static void get_data(struct tls_client *client)
{
    size_t n;

    assert_int_equal(SSL_read_ex(client->ssl, client->answer + client->size,
                                 sizeof(client->answer) - client->size - 1, &n),
                     1);
    client->size += n;
    client->answer[client->size] = '\0';
}

void tls_client_read_to(struct tls_client *client, const char *text, char *room,
                        size_t size)
{
    const char *found;

    while (!(found = strstr(client->answer, text))) {
        get_data(client);
    }
    if (room) {
        (void)snprintf(room, size, "%.*s", (int)(found - client->answer),
                       client->answer);
    }
    found += strlen(text);
    client->size -= (size_t)(found - client->answer);
    memmove(client->answer, found, client->size + 1);
}

void tls_client_expect_goodbye(struct tls_client *client)
{
    char byte;
    size_t n;

    assert_int_equal(SSL_read_ex(client->ssl, &byte, 1, &n), 0);
    assert_int_equal(SSL_get_error(client->ssl, 0), SSL_ERROR_ZERO_RETURN);
}

void tls_client_part(struct tls_client *client)
{
    assert_true(SSL_shutdown(client->ssl) >= 0);
}

void tls_client_peer(struct tls_client *client, char *room, size_t size)
{
    const X509 *certificate = SSL_get0_peer_certificate(client->ssl);

    assert_non_null(certificate);
    assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(certificate),
                                          NID_commonName, room, (int)size) > 0);
}
