/*
 * http1/bytes.h: the classes of bytes in a request, on both sides of the line
 * between a head and a chunked body [RFC 9110 5.5, 5.6.2].
 *
 * Private to http1/.
 */
#ifndef HTTP1_BYTES_H
#define HTTP1_BYTES_H

#include <stdbool.h>

#include <openbits/text.h>

/* A byte of a method or a field name. */
bool http1_is_token_byte(char c);

/* A byte of a field value, a trailer's or a chunk extension: anything but
 * control bytes, HTAB excepted.  Bytes from 0x80 on have no meaning and do no
 * harm. */
bool http1_is_value_byte(char c);

/* At least one byte, token bytes only. */
bool http1_is_token(struct bits_text text);

#endif
