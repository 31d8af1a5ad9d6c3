/*
 * bitsd/certificates.h: the certificates of a configuration.
 *
 * Call everything on the main thread.
 */
#ifndef BITSD_CERTIFICATES_H
#define BITSD_CERTIFICATES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "server/stream/tls.h"

struct log_sink;

/* In use by the listeners. */
struct certificates {
    struct tls *tls;
    struct config *config; /* that they come from; a reference */
    struct log_sink *log;
    int64_t dates_checked; /* wall clock */
};

/* Reads what tls_cert and tls_key name.  Returns false, after it has logged
 * why, if anything is wrong.  Close it in any case. */
bool certificates_open(struct certificates *certificates, struct config *config,
                       struct log_sink *log);
void certificates_close(struct certificates *certificates);

/* Reads them again.  Returns false if a pair that was read before stays in
 * force; the log says why. */
bool certificates_reload(struct certificates *certificates,
                         struct config *config);

/* Warns each day of certificates that expire, and changes the keys of session
 * tickets.  Call it now and then. */
void certificates_housekeep(struct certificates *certificates);

/* Reads them and uses nothing: on_line gets an error or warning each. */
void certificates_inspect(const struct config *config,
                          void (*on_line)(void *context,
                                          const struct tls_problem *problem,
                                          const char *line),
                          void *context);

#endif
