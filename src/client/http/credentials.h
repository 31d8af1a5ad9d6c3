/*
 * client/http/credentials.h: the user's credentials, from files: the password
 * and token files of the settings, the netrc file, and the files "password",
 * "token" and "netrc" in $CREDENTIALS_DIRECTORY.
 */
#ifndef CLIENT_HTTP_CREDENTIALS_H
#define CLIENT_HTTP_CREDENTIALS_H

#include <stdbool.h>

#include "client/settings/settings.h"

#define CREDENTIALS_HOST_MAX 256

/* Each is NULL if it is not set. */
struct credentials {
    char *user;
    char *password;
    char *token;
};

/* For the host of the user's URL.  Returns false with the reason in the fault
 * on failure. */
bool credentials_load(struct credentials *credentials,
                      const struct settings *settings, const char *host,
                      struct fault *ret_fault);

/* For the proxy, from the netrc file only. */
bool credentials_load_proxy(struct credentials *credentials,
                            const struct settings *settings, const char *host,
                            struct fault *ret_fault);

void credentials_done(struct credentials *credentials);

/* The host in a URL, in lower case, without port and brackets, truncated to the
 * room.  A proxy's URL may lack the scheme. */
void credentials_host(const char *url, char ret_host[CREDENTIALS_HOST_MAX]);

#endif
