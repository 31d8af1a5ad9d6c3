/*
 * client/files/url_names.h: names of files in URLs.
 *
 * Pure; NULL means out of memory, and the caller frees what comes back.
 */
#ifndef CLIENT_FILES_URL_NAMES_H
#define CLIENT_FILES_URL_NAMES_H

#include <stdbool.h>

/* Does a file's name belong behind it: does it end in a slash, or name no path
 * at all? */
bool url_wants_name(const char *url);

/* The URL as it can be sent: bytes that no URL holds are escaped, and what is
 * escaped already stays. */
char *url_clean(const char *url);

/* The URL with "folder/name" behind it, every byte escaped that might mean
 * something. */
char *url_append_name(const char *url, const char *relative);

/* What IIS refuses about "folder/name", as it is configured after its
 * installation: a sentence without a full stop.  NULL: nothing. */
const char *url_name_iis_fault(const char *relative);

#endif
