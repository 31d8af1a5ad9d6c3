/*
 * server/stream/tls_date.c: see tls_date.h.
 */
#include "server/stream/tls_date.h"

#include <time.h>

int64_t tls_date_read(const ASN1_TIME *time)
{
    struct tm parts = {0};

    return time && ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts)
                                                      : INT64_MAX;
}

void tls_date_write(const ASN1_TIME *time, char ret_text[TLS_DATE_MAX])
{
    struct tm parts = {0};

    (void)ASN1_TIME_to_tm(time, &parts);
    (void)strftime(ret_text, TLS_DATE_MAX, "%Y-%m-%d", &parts);
}
