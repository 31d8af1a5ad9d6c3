/*
 * client/http/credentials.h: what proves who the user is, from files: the
 * password and token files of the settings, the netrc file, and those of the
 * names "password", "token" and "netrc" in $CREDENTIALS_DIRECTORY.
 */
#ifndef CLIENT_HTTP_CREDENTIALS_H
#define CLIENT_HTTP_CREDENTIALS_H

#include <stdbool.h>

#include "client/settings/settings.h"

#define CREDENTIALS_HOST_MAX 256

/* All are NULL if there are none. */
struct credentials {
    char *user;
    char *password;
    char *token;
};

/* For the host of the user's URL.  False: the fault says what is wrong. */
bool credentials_load(struct credentials *credentials,
                      const struct settings *settings, const char *host,
                      struct fault *ret_fault);

/* For the proxy, from the netrc file alone. */
bool credentials_load_proxy(struct credentials *credentials,
                            const struct settings *settings, const char *host,
                            struct fault *ret_fault);

void credentials_done(struct credentials *credentials);

/* The host in a URL, in lower case, without port and brackets; a proxy's may
 * lack the scheme.  Cut where the room ends. */
void credentials_host(const char *url, char ret_host[CREDENTIALS_HOST_MAX]);

#endif
