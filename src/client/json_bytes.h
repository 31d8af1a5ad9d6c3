/*
 * client/json_bytes.h: strings of any bytes in JSON, which has characters only:
 * each byte becomes its Latin-1 character.  Names of files need not be UTF-8.
 *
 * Pure, except for heap memory.
 */
#ifndef CLIENT_JSON_BYTES_H
#define CLIENT_JSON_BYTES_H

#include <jansson.h>

/* Returns NULL if memory ran out. */
json_t *json_from_bytes(const char *text);

/* The caller frees it.  Returns NULL if the value is not a string or has
 * characters above one byte, or if memory ran out. */
char *json_to_bytes(const json_t *value);

#endif
