/*
 * client/http/agent_tls.c: which servers to trust, and whether a server asks
 * for a client certificate.  See agent_private.h.
 *
 * A server asks for a certificate in the handshake.  Since TLS 1.3 it refuses a
 * missing one only afterwards, and its alert is often lost in the reset that
 * follows.  So this records the request for a certificate.
 */
#include "client/http/agent_private.h"

#include <openssl/ssl.h>
#include <string.h>

static bool is_openssl(void)
{
    const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);

    return version->ssl_version && strstr(version->ssl_version, "OpenSSL/");
}

/* Called when the server asks for a certificate.  Returns 0: no certificate. */
static int on_wish(SSL *ssl, X509 **ret_certificate, EVP_PKEY **ret_key)
{
    struct agent *agent = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    (void)ret_certificate;
    (void)ret_key;
    agent->certificate_wanted = true;
    return 0;
}

static CURLcode on_context(CURL *curl, void *context, void *agent)
{
    SSL_CTX *ssl = context;

    (void)curl;
    SSL_CTX_set_app_data(ssl, agent);
    SSL_CTX_set_client_cert_cb(ssl, on_wish);
    return CURLE_OK;
}

void agent_set_tls(struct agent *agent, CURL *curl)
{
    const struct settings *settings = agent->settings;
    long verify = settings->insecure ? 0 : 1;

    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify);
    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify * 2);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYPEER, verify);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYHOST, verify * 2);
    if (settings->cacert) {
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, settings->cacert);
        (void)curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, settings->cacert);
    }
    if (settings->cert) {
        (void)curl_easy_setopt(curl, CURLOPT_SSLCERT, settings->cert);
        (void)curl_easy_setopt(curl, CURLOPT_SSLKEY,
                               settings->key ? settings->key : settings->cert);
    } else if (is_openssl()) {
        (void)curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_context);
        (void)curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, agent);
    }
    if (settings->pinnedpubkey) {
        (void)curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY,
                               settings->pinnedpubkey);
    }
}
