/*
 * server/stream/tls_reason.h: errors of OpenSSL as sentences for people.
 */
#ifndef SERVER_STREAM_TLS_REASON_H
#define SERVER_STREAM_TLS_REASON_H

/* What went wrong with a peer, without a full stop.  Static. */
const char *tls_reason(unsigned long error);

#endif
