/*
 * client/http/netrc.h: finds name and password of a host in the text of a netrc
 * file.
 *
 * libcurl also reads such files, but reports whether it found an entry only
 * after sending the request.  Pure.
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

/* Finds the first entry with a password for this host, or that of `default`.
 * login NULL: with any login.  Returns false if no entry matches. */
bool netrc_find(const char *text, const char *host, const char *login,
                struct netrc_entry *ret_entry);

#endif
