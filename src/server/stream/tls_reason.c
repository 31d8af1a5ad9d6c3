/*
 * server/stream/tls_reason.c: see tls_reason.h.
 */
#include "server/stream/tls_reason.h"

#include <stddef.h>

#include <openssl/err.h>
#include <openssl/sslerr.h>

#define REJECTS "the client rejects the certificate: "

static const struct {
    int reason;
    const char *words;
} rows[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL,
     "the client speaks no version of TLS from tls_min_version on"},
    {SSL_R_VERSION_TOO_LOW,
     "the client speaks no version of TLS from tls_min_version on"},
    {SSL_R_NO_SHARED_CIPHER,
     "the client offers no cipher of tls_ciphers that suits the certificate"},
    {SSL_R_NO_SHARED_GROUPS, "the client offers no key exchange of OpenSSL's"},
    {SSL_R_NO_SUITABLE_KEY_SHARE,
     "the client offers no key exchange of OpenSSL's"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
     "the client accepts no signature of the certificate's key"},
    {SSL_R_NO_APPLICATION_PROTOCOL,
     "the client offers protocols without http/1.1"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
     "the client sent no certificate, which this listener requires"},
    {SSL_R_WRONG_VERSION_NUMBER, "the client does not speak TLS"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING,
     "the client closed the connection during the handshake; it may not trust "
     "the certificate"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, REJECTS "it does not know its authority"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, REJECTS "it is not for this host, or "
                                                "not sound"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, REJECTS "it has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, REJECTS "it was revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, REJECTS "no reason was given"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, REJECTS "its kind"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
     "the client refuses this version of TLS"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "the client found nothing to agree on"},
};

const char *tls_reason(unsigned long error)
{
    const char *words = ERR_reason_error_string(error);

    for (size_t i = 0; ERR_GET_LIB(error) == ERR_LIB_SSL &&
                       i < sizeof(rows) / sizeof(rows[0]);
         i++) {
        if (rows[i].reason == ERR_GET_REASON(error)) {
            return rows[i].words;
        }
    }
    return words ? words : "unknown error of OpenSSL";
}
