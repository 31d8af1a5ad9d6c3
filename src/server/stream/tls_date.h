/*
 * server/stream/tls_date.h: dates of certificates.
 */
#ifndef SERVER_STREAM_TLS_DATE_H
#define SERVER_STREAM_TLS_DATE_H

#include <stdint.h>

#include <openssl/asn1.h>

#define TLS_DAY 86400

/* "2027-01-15" */
#define TLS_DATE_MAX 16

/* Seconds since 1970.  NULL: INT64_MAX, as for a date that never comes. */
int64_t tls_date_read(const ASN1_TIME *time);

void tls_date_write(const ASN1_TIME *time, char ret_text[TLS_DATE_MAX]);

#endif
