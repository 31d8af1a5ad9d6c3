/*
 * http1/bytes.h: the classes of bytes in a request; heads and chunked bodies
 * share them [RFC 9110 5.5, 5.6.2].
 *
 * Private to http1/.
 */
#ifndef HTTP1_BYTES_H
#define HTTP1_BYTES_H

#include <stdbool.h>

#include <openbits/text.h>

/* A byte of a method or a field name. */
bool http1_is_token_byte(char c);

/* A byte of a field value, of a trailer's value or of a chunk extension:
 * anything but control bytes, except HTAB.  Bytes from 0x80 on have no meaning
 * and are harmless. */
bool http1_is_value_byte(char c);

/* At least one byte, token bytes only. */
bool http1_is_token(struct bits_text text);

#endif
