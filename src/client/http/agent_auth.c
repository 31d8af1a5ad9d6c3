/*
 * client/http/agent_auth.c: the credentials of a request.  See agent_private.h.
 *
 * Always gives libcurl a single scheme: with a choice it would send each packet
 * without credentials first and choose after the refusal.
 */
#include "client/http/agent_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/cleanup.h"

/* Returns false with the reason in the fault, and loads nothing, on failure. */
static bool load(const struct agent *agent, struct credentials *credentials,
                 struct fault *fault)
{
    if (!credentials_load(credentials, agent->settings, agent->host, fault)) {
        return false;
    }
    if (credentials->token && !agent->hides) {
        credentials_done(credentials);
        return fault_set(fault,
                         "the token would go to an http:// URL in clear text; "
                         "use https, or --insecure-auth in a network that you "
                         "trust");
    }
    return true;
}

bool agent_load_secrets(struct agent *agent, struct fault *fault)
{
    const struct settings *settings = agent->settings;

    if (settings->proxy) {
        credentials_host(settings->proxy, agent->proxy_host);
        if (!credentials_load_proxy(&agent->proxy_credentials, settings,
                                    agent->proxy_host, fault)) {
            return false;
        }
    }
    return load(agent, &agent->credentials, fault);
}

/* If reading fails now, keeps the old ones. */
void agent_read_secrets_again(struct agent *agent)
{
    struct fault fault;
    struct credentials fresh;

    if (load(agent, &fresh, &fault)) {
        credentials_done(&agent->credentials);
        agent->credentials = fresh;
    }
}

bool agent_has_credentials(const struct agent *agent)
{
    return agent->credentials.password || agent->credentials.token ||
           agent->settings->auth == SETTINGS_AUTH_NEGOTIATE;
}

bool agent_has_proxy_credentials(const struct agent *agent)
{
    return agent->proxy_credentials.password != NULL;
}

/* The best of the offered schemes.  Negotiate needs a ticket, so it is used
 * only if the user asked for it.  Returns 0 if no offered scheme may be
 * used. */
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

static unsigned long choose(const struct agent *agent, bool is_tls)
{
    switch (agent->settings->auth) {
    case SETTINGS_AUTH_AUTO:
        return choose_best(agent->offered,
                           is_tls || agent->settings->insecure_auth);
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

static unsigned long choose_for_proxy(const struct agent *agent)
{
    bool is_tls = text_has_prefix_nocase(text_of(agent->settings->proxy),
                                         TEXT("https://"));

    return agent->settings->auth == SETTINGS_AUTH_BASIC
               ? agent->proxy_offered & CURLAUTH_BASIC
               : choose_best(agent->proxy_offered,
                             is_tls || agent->settings->insecure_auth);
}

static bool add_token(const struct agent *agent, struct curl_slist **fields)
{
    char *line;
    struct curl_slist *longer;

    if (asprintf(&line, "Authorization: Bearer %s", agent->credentials.token) <
        0) {
        return false;
    }
    longer = curl_slist_append(*fields, line);
    explicit_bzero(line, strlen(line));
    free(line);
    *fields = longer ? longer : *fields;
    return longer != NULL;
}

/* For Negotiate without a password, libcurl needs an empty name and uses the
 * ticket. */
static void set_user(CURL *curl, const struct agent *agent)
{
    const struct credentials *credentials = &agent->credentials;

    (void)curl_easy_setopt(curl, CURLOPT_USERNAME,
                           credentials->user ? credentials->user : "");
    (void)curl_easy_setopt(curl, CURLOPT_PASSWORD,
                           credentials->password ? credentials->password : "");
}

static void set_proxy_user(CURL *curl, const struct agent *agent)
{
    unsigned long way = choose_for_proxy(agent);

    if (way == 0) {
        return;
    }
    (void)curl_easy_setopt(curl, CURLOPT_PROXYAUTH, way);
    (void)curl_easy_setopt(curl, CURLOPT_PROXYUSERNAME,
                           agent->proxy_credentials.user);
    (void)curl_easy_setopt(curl, CURLOPT_PROXYPASSWORD,
                           agent->proxy_credentials.password);
}

static const char *hint_of(const struct agent *agent)
{
    return agent->offered & CURLAUTH_BASIC
               ? "the server accepts Basic only, which is not sent without "
                 "TLS; use https, or --auth basic if you trust the network"
               : "the server does not accept passwords";
}

bool agent_authenticate(struct agent *agent, CURL *curl,
                        struct curl_slist **fields)
{
    const struct agent_request *request = agent->run.request;
    bool is_tls =
        text_has_prefix_nocase(text_of(request->url), TEXT("https://"));
    unsigned long way = choose(agent, is_tls);

    (void)curl_easy_setopt(curl, CURLOPT_USERNAME, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_PASSWORD, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    if (request->proxy_credentials && agent_has_proxy_credentials(agent)) {
        set_proxy_user(curl, agent);
    }
    if (!request->credentials || !request->trusted) {
        return true;
    }
    if (agent->credentials.token) {
        return add_token(agent, fields);
    }
    agent->hint = way == 0 ? hint_of(agent) : NULL;
    if (way != 0) {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, way);
        set_user(curl, agent);
    }
    return true;
}

const char *agent_hint(const struct agent *agent)
{
    return agent->hint;
}

void agent_learn_offers(struct agent *agent, CURL *curl)
{
    long offered = 0;

    if (agent->run.status == 401 &&
        curl_easy_getinfo(curl, CURLINFO_HTTPAUTH_AVAIL, &offered) ==
            CURLE_OK) {
        agent->offered = (unsigned long)offered;
    }
    if (agent->run.status == 407 &&
        curl_easy_getinfo(curl, CURLINFO_PROXYAUTH_AVAIL, &offered) ==
            CURLE_OK) {
        agent->proxy_offered = (unsigned long)offered;
    }
}
