/*
 * client/http/agent_fault.c: classifies libcurl's errors.  See agent_private.h.
 */
#include "client/http/agent_private.h"

#include <errno.h>
#include <string.h>

static bool is_offline(CURL *curl)
{
    long error = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
    return error == ENETUNREACH || error == ENETDOWN;
}

/* A server that requires a certificate refuses with a TLS alert for which
 * libcurl has no code, or the alert is lost.  In both cases it never sent an
 * answer. */
static bool is_about_our_certificate(const struct agent *agent)
{
    static const char *const alerts[] = {
        "alert bad certificate",
        "alert certificate required",
        "alert certificate expired",
        "alert certificate unknown",
        "alert unsupported certificate",
        "alert certificate revoked",
        "alert unknown ca",
        "alert handshake failure",
    };

    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (strstr(agent->run.words, alerts[i])) {
            return true;
        }
    }
    return agent->certificate_wanted && !agent->contacted;
}

enum bits_transport agent_fault(const struct agent *agent, CURLcode code)
{
    const struct agent_run *run = &agent->run;
    /* The request had a connection, so it may have been sent. */
    bool has_left = run->ends[0] != '\0';

    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return BITS_TRANSPORT_RESOLVE;
    case CURLE_COULDNT_CONNECT:
        return is_offline(run->curl) ? BITS_TRANSPORT_OFFLINE
                                     : BITS_TRANSPORT_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return has_left ? BITS_TRANSPORT_TIMEOUT : BITS_TRANSPORT_CONNECT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return BITS_TRANSPORT_CERTIFICATE;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CLIENTCERT:
        return BITS_TRANSPORT_CLIENT_CERTIFICATE;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return BITS_TRANSPORT_NOT_HTTP;
    case CURLE_PROXY:
        return BITS_TRANSPORT_CONNECT;
    default:
        break;
    }
    if (is_about_our_certificate(agent)) {
        return BITS_TRANSPORT_CLIENT_CERTIFICATE;
    }
    if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CIPHER) {
        return BITS_TRANSPORT_TLS;
    }
    return has_left ? BITS_TRANSPORT_BROKEN : BITS_TRANSPORT_CONNECT;
}
