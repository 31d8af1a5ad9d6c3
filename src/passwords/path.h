/*
 * passwords/path.h: paths of URLs in the one form that secrets are bound to.
 *
 * Pure.
 */
#ifndef PASSWORDS_PATH_H
#define PASSWORDS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

/* Writes a raw path, which begins with '/', with its escapes decoded and
 * without empty segments: "/" or "/a/b", terminated.  *ret_is_folder: the raw
 * path ends in '/'.  False: it cannot name a file or folder below a root.
 * size must be at least raw.len + 1. */
bool path_canonical(struct bits_text raw, char *ret_path, size_t size,
                    bool *ret_is_folder);

#endif
