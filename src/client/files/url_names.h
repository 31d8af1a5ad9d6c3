/*
 * client/files/url_names.h: puts names of files into URLs.
 *
 * Pure.  The caller frees the results; NULL: memory ran out.
 */
#ifndef CLIENT_FILES_URL_NAMES_H
#define CLIENT_FILES_URL_NAMES_H

#include <stdbool.h>

/* Returns true if a file's name must be appended: the URL ends in a slash or
 * has no path. */
bool url_wants_name(const char *url);

/* The URL in the form that is sent: escapes bytes that are not allowed in a
 * URL, and keeps existing escapes. */
char *url_clean(const char *url);

/* The URL with "folder/name" appended; escapes every byte that might have a
 * meaning. */
char *url_append_name(const char *url, const char *relative);

/* Why IIS with its default configuration refuses "folder/name": a sentence
 * without a full stop.  Returns NULL if it does not. */
const char *url_name_iis_fault(const char *relative);

#endif
