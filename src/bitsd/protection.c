/*
 * bitsd/protection.c: see protection.h.
 */
#include "bitsd/protection.h"

#include <sys/prctl.h>

#include "base/compiler.h"

/* Keys of certificates, of tickets and of digests. */
#define SECRETS_OWN 1048576

/* For each connection OpenSSL keeps the key of its handshake there. */
#define SECRETS_OF_CONNECTION 256

void protection_start(struct protection *protection,
                      const struct config *config)
{
    *protection = (struct protection){
        .secret_size = SECRETS_OWN +
                       config->server.max_connections * SECRETS_OF_CONNECTION};
    protection->secrets = os_secret_start(protection->secret_size);
    /* LeakSanitizer traces the process. */
    if (!IS_SANITIZED) {
        (void)prctl(PR_SET_DUMPABLE, 0);
    }
}

void protection_log(const struct protection *protection,
                    const struct config *config, struct log_sink *log)
{
    if (protection->secrets == OS_SECRET_UNLOCKED &&
        config->server.tls_cert.count > 0) {
        LOG(log, LOG_WARNING, "secrets",
            "keys cannot be locked in memory and may be written to swap; raise "
            "LimitMEMLOCK to twice the wanted bytes",
            LOG_NUMBER("wanted", protection->secret_size));
    }
}
