/*
 * bitsd/protection.h: what protects the process and its keys.
 */
#ifndef BITSD_PROTECTION_H
#define BITSD_PROTECTION_H

#include <stdint.h>

#include "base/log.h"
#include "config/config.h"
#include "os/secrets.h"

struct protection {
    enum os_secret_state secrets;
    uint64_t secret_size;
};

/* Call once, before any other use of OpenSSL and before other threads run. */
void protection_start(struct protection *protection,
                      const struct config *config);

/* Logs what is missing and matters for the configuration. */
void protection_log(const struct protection *protection,
                    const struct config *config, struct log_sink *log);

#endif
