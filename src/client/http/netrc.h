/*
 * client/http/netrc.h: name and password of a host in a netrc file's text.
 *
 * libcurl reads such files, too, but does not tell whether it found anything
 * before it has sent the request.  Pure.
 */
#ifndef CLIENT_HTTP_NETRC_H
#define CLIENT_HTTP_NETRC_H

#include <stdbool.h>

/* Room for a name or a password, terminated. */
#define NETRC_WORD_MAX 512

struct netrc_entry {
    char login[NETRC_WORD_MAX];
    char password[NETRC_WORD_MAX];
};

/* The first entry with a password for this host, or the one of `default`;
 * `login` NULL: whatever its login is.  False: there is none. */
bool netrc_find(const char *text, const char *host, const char *login,
                struct netrc_entry *ret_entry);

#endif
