/*
 * openbits/text.h: a piece of text that somebody else owns.
 *
 * Everything that a peer sends is handled as pointer and length.  The bytes
 * are borrowed, need not be terminated and may hold any value; a text of
 * length 0 may have a NULL pointer.
 */
#ifndef OPENBITS_TEXT_H
#define OPENBITS_TEXT_H

#include <stddef.h>

struct bits_text {
    const char *ptr;
    size_t len; /* bytes */
};

#endif
