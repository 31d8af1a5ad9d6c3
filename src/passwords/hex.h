/*
 * passwords/hex.h: bytes as hexadecimal digits.
 *
 * Pure.
 */
#ifndef PASSWORDS_HEX_H
#define PASSWORDS_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>

/* False: not exactly `size` bytes in digits. */
bool hex_read(struct bits_text text, uint8_t *ret_bytes, size_t size);

/* Writes 2 * size digits in lower case and a terminator. */
void hex_write(const uint8_t *bytes, size_t size, char *ret_text);

/* Does it have only digits in lower case? */
bool hex_is_lower(struct bits_text text);

#endif
