/*
 * openbits/text.h: a borrowed piece of text.
 *
 * Everything that a peer sends is handled as pointer and length.  The owner of
 * the bytes is elsewhere.  They need not be terminated and may hold any value;
 * a text of length 0 may have a NULL pointer.
 */
#ifndef OPENBITS_TEXT_H
#define OPENBITS_TEXT_H

#include <stddef.h>

struct bits_text {
    const char *ptr;
    size_t len; /* bytes */
};

#endif
