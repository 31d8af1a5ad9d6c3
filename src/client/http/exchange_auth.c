/*
 * client/http/exchange_auth.c: which proof goes along with a request.  See
 * exchange_private.h.
 *
 * libcurl is always given one way, never a choice: it would send each packet
 * without a proof first and choose from the refusal.
 */
#include "client/http/exchange_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/memory.h"

_Static_assert(EXCHANGE_FAULT_MAX == CREDENTIALS_FAULT_MAX,
               "faults are passed");

/* False: the fault says why, and nothing was loaded. */
static bool load(const struct exchange *exchange,
                 struct credentials *credentials, char *fault)
{
    if (!credentials_load(credentials, exchange->settings, exchange->host,
                          fault)) {
        return false;
    }
    if (credentials->token && !exchange->hides) {
        credentials_done(credentials);
        (void)snprintf(fault, EXCHANGE_FAULT_MAX,
                       "the token would go to an http:// URL in clear text; "
                       "use https, or --insecure-auth in a network that you "
                       "trust");
        return false;
    }
    return true;
}

bool exchange_load_secrets(struct exchange *exchange,
                           char fault[EXCHANGE_FAULT_MAX])
{
    const struct settings *settings = exchange->settings;

    if (settings->proxy) {
        credentials_host(settings->proxy, exchange->proxy_host);
        if (!credentials_load_proxy(&exchange->proxy_credentials, settings,
                                    exchange->proxy_host, fault)) {
            return false;
        }
    }
    return load(exchange, &exchange->credentials, fault);
}

/* If that fails now, the old ones stay. */
void exchange_read_secrets_again(struct exchange *exchange)
{
    char fault[EXCHANGE_FAULT_MAX];
    struct credentials fresh;

    if (load(exchange, &fresh, fault)) {
        credentials_done(&exchange->credentials);
        exchange->credentials = fresh;
    }
}

bool exchange_has_credentials(const struct exchange *exchange)
{
    return exchange->credentials.password || exchange->credentials.token ||
           exchange->settings->auth == SETTINGS_AUTH_NEGOTIATE;
}

bool exchange_has_proxy_credentials(const struct exchange *exchange)
{
    return exchange->proxy_credentials.password != NULL;
}

/* The best of what is offered; Negotiate wants a ticket, which only the user
 * knows to have.  0: none that may be used. */
static unsigned long choose_best(unsigned long offered, bool may_be_clear)
{
    if (offered & CURLAUTH_DIGEST) {
        return CURLAUTH_DIGEST;
    }
    if (offered & CURLAUTH_NTLM) {
        return CURLAUTH_NTLM;
    }
    return may_be_clear ? offered & CURLAUTH_BASIC : 0;
}

static unsigned long choose(const struct exchange *exchange, bool is_tls)
{
    switch (exchange->settings->auth) {
    case SETTINGS_AUTH_AUTO:
        return choose_best(exchange->offered,
                           is_tls || exchange->settings->insecure_auth);
    case SETTINGS_AUTH_BASIC:
        return CURLAUTH_BASIC;
    case SETTINGS_AUTH_DIGEST:
        return CURLAUTH_DIGEST;
    case SETTINGS_AUTH_NEGOTIATE:
        return CURLAUTH_NEGOTIATE;
    case SETTINGS_AUTH_NTLM:
        return CURLAUTH_NTLM;
    case SETTINGS_AUTH_NONE:
        break;
    }
    return 0;
}

static unsigned long choose_for_proxy(const struct exchange *exchange)
{
    bool is_tls = text_has_prefix_nocase(text_of(exchange->settings->proxy),
                                         TEXT("https://"));

    return exchange->settings->auth == SETTINGS_AUTH_BASIC
               ? exchange->proxy_offered & CURLAUTH_BASIC
               : choose_best(exchange->proxy_offered,
                             is_tls || exchange->settings->insecure_auth);
}

static bool add_token(const struct exchange *exchange,
                      struct curl_slist **fields)
{
    char *line;
    struct curl_slist *longer;

    if (asprintf(&line, "Authorization: Bearer %s",
                 exchange->credentials.token) < 0) {
        return false;
    }
    longer = curl_slist_append(*fields, line);
    explicit_bzero(line, strlen(line));
    free(line);
    *fields = longer ? longer : *fields;
    return longer != NULL;
}

/* With Negotiate and no password, libcurl wants an empty name and takes the
 * ticket. */
static void set_user(CURL *curl, const struct exchange *exchange)
{
    const struct credentials *credentials = &exchange->credentials;

    (void)curl_easy_setopt(curl, CURLOPT_USERNAME,
                           credentials->user ? credentials->user : "");
    (void)curl_easy_setopt(curl, CURLOPT_PASSWORD,
                           credentials->password ? credentials->password : "");
}

static void set_proxy_user(CURL *curl, const struct exchange *exchange)
{
    unsigned long way = choose_for_proxy(exchange);

    if (way == 0) {
        return;
    }
    (void)curl_easy_setopt(curl, CURLOPT_PROXYAUTH, way);
    (void)curl_easy_setopt(curl, CURLOPT_PROXYUSERNAME,
                           exchange->proxy_credentials.user);
    (void)curl_easy_setopt(curl, CURLOPT_PROXYPASSWORD,
                           exchange->proxy_credentials.password);
}

static const char *hint_of(const struct exchange *exchange)
{
    return exchange->offered & CURLAUTH_BASIC
               ? "the server takes Basic only, which does not go without TLS; "
                 "use https, or --auth basic if the line is safe"
               : "the server asks for a proof that a password is not";
}

bool exchange_authenticate(struct exchange *exchange, CURL *curl,
                           struct curl_slist **fields)
{
    const struct exchange_request *request = exchange->run.request;
    bool is_tls =
        text_has_prefix_nocase(text_of(request->url), TEXT("https://"));
    unsigned long way = choose(exchange, is_tls);

    (void)curl_easy_setopt(curl, CURLOPT_USERNAME, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_PASSWORD, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    if (request->proxy_credentials &&
        exchange_has_proxy_credentials(exchange)) {
        set_proxy_user(curl, exchange);
    }
    if (!request->credentials || !request->trusted) {
        return true;
    }
    if (exchange->credentials.token) {
        return add_token(exchange, fields);
    }
    exchange->hint = way == 0 ? hint_of(exchange) : NULL;
    if (way != 0) {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, way);
        set_user(curl, exchange);
    }
    return true;
}

const char *exchange_hint(const struct exchange *exchange)
{
    return exchange->hint;
}

void exchange_learn_offers(struct exchange *exchange, CURL *curl)
{
    long offered = 0;

    if (exchange->run.status == 401 &&
        curl_easy_getinfo(curl, CURLINFO_HTTPAUTH_AVAIL, &offered) ==
            CURLE_OK) {
        exchange->offered = (unsigned long)offered;
    }
    if (exchange->run.status == 407 &&
        curl_easy_getinfo(curl, CURLINFO_PROXYAUTH_AVAIL, &offered) ==
            CURLE_OK) {
        exchange->proxy_offered = (unsigned long)offered;
    }
}
