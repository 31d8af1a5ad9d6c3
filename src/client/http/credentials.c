/*
 * client/http/credentials.c: see credentials.h.
 */
#include "client/http/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/cleanup.h"
#include "client/http/netrc.h"
#include "client/http/secret.h"

/* FOLDER/NAME; the caller frees it.  Returns NULL if there is no such
 * folder. */
static char *path_in(const char *folder, const char *name)
{
    char *path;

    if (!folder || folder[0] != '/' ||
        asprintf(&path, "%s/%s", folder, name) < 0) {
        return NULL;
    }
    return path;
}

/* The file that the settings name, otherwise that of the service manager if it
 * exists.  Returns NULL if there is neither. */
static char *choose(const char *named, const char *name)
{
    char *path;

    if (named) {
        return strdup(named);
    }
    path = path_in(getenv("CREDENTIALS_DIRECTORY"), name);
    if (path && access(path, F_OK) != 0) {
        free(path);
        path = NULL;
    }
    return path;
}

/* --- the netrc file ------------------------------------------------------- */

/* Its text; NULL with *ret_bad if it is not usable, otherwise NULL if it does
 * not exist. */
static char *read_netrc(const struct settings *settings, bool *ret_bad,
                        struct fault *fault)
{
    CLEANUP(free_string)
    char *path = choose(settings->netrc_file, "netrc");
    bool missing = true;
    char *text;

    if (!path) {
        path = path_in(getenv("HOME"), ".netrc");
    }
    text = path ? secret_read_file(path, &missing, fault) : NULL;
    *ret_bad = !text && (!missing || settings->netrc_file);
    return text;
}

static bool take_netrc(struct credentials *credentials,
                       const struct settings *settings, const char *host,
                       const char *login, struct fault *fault)
{
    struct netrc_entry entry;
    bool bad;
    char *text = read_netrc(settings, &bad, fault);

    if (text && netrc_find(text, host, login, &entry)) {
        credentials->user = strdup(entry.login);
        credentials->password = strdup(entry.password);
    }
    explicit_bzero(&entry, sizeof(entry));
    (void)secret_free(text);
    return !bad;
}

/* --- all of them ---------------------------------------------------------- */

static bool take_password(struct credentials *credentials,
                          const struct settings *settings, const char *path,
                          struct fault *fault)
{
    if (!settings->user) {
        return fault_set(fault,
                         "there is a password, but no user; give --user");
    }
    credentials->user = strdup(settings->user);
    credentials->password = secret_read_line(path, fault);
    return credentials->user && credentials->password;
}

/* If no user is set, a password from the service manager is not for this
 * server. */
static char *choose_password(const struct settings *settings)
{
    if (!settings->user && !settings->password_file) {
        return NULL;
    }
    return choose(settings->password_file, "password");
}

static bool load(struct credentials *credentials,
                 const struct settings *settings, const char *host,
                 struct fault *fault)
{
    CLEANUP(free_string) char *token = choose(settings->token_file, "token");
    CLEANUP(free_string) char *password = choose_password(settings);

    if (settings->auth == SETTINGS_AUTH_NONE) {
        return true;
    }
    if (settings->password_file || (password && !settings->token_file)) {
        return take_password(credentials, settings, password, fault);
    }
    if (token) {
        credentials->token = secret_read_line(token, fault);
        return credentials->token != NULL;
    }
    if (!take_netrc(credentials, settings, host, settings->user, fault)) {
        return false;
    }
    if (settings->user && !credentials->password &&
        settings->auth != SETTINGS_AUTH_NEGOTIATE) {
        return fault_set(fault,
                         "there is no password for %s at %s; write it into a "
                         "file of mode 0600 and give --password-file, or into "
                         "~/.netrc",
                         settings->user, host);
    }
    return true;
}

bool credentials_load(struct credentials *credentials,
                      const struct settings *settings, const char *host,
                      struct fault *ret_fault)
{
    *credentials = (struct credentials){NULL};
    if (load(credentials, settings, host, ret_fault)) {
        return true;
    }
    credentials_done(credentials);
    return false;
}

bool credentials_load_proxy(struct credentials *credentials,
                            const struct settings *settings, const char *host,
                            struct fault *ret_fault)
{
    *credentials = (struct credentials){NULL};
    return take_netrc(credentials, settings, host, NULL, ret_fault);
}

void credentials_done(struct credentials *credentials)
{
    free(credentials->user);
    (void)secret_free(credentials->password);
    (void)secret_free(credentials->token);
    *credentials = (struct credentials){NULL};
}

void credentials_host(const char *url, char ret_host[CREDENTIALS_HOST_MAX])
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end ? scheme_end + 3 : url;
    bool bracket = *host == '[';
    size_t len;

    host += bracket ? 1 : 0;
    len = strcspn(host, bracket ? "]" : ":/?#");
    if (len >= CREDENTIALS_HOST_MAX) {
        len = CREDENTIALS_HOST_MAX - 1;
    }
    for (size_t i = 0; i < len; i++) {
        ret_host[i] = text_lower(host[i]);
    }
    ret_host[len] = '\0';
}
