/*
 * base/glob.h: patterns with * and ?, without a locale.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

#include <openbits/text.h>

/* Returns true if the whole text matches: * stands for any bytes, ? for one
 * character of UTF-8, every other byte for itself.  Takes at most the product
 * of both lengths in steps. */
bool glob_matches(struct bits_text pattern, struct bits_text text);

#endif
