/*
 * client/json_bytes.h: texts of any bytes in JSON, which knows characters
 * only: as Latin-1, each byte is one.  Names of files need not be UTF-8.
 *
 * Pure but for the heap.
 */
#ifndef CLIENT_JSON_BYTES_H
#define CLIENT_JSON_BYTES_H

#include <jansson.h>

/* NULL: out of memory. */
json_t *json_from_bytes(const char *text);

/* The caller frees.  NULL: no string, characters that no byte makes, or out
 * of memory. */
char *json_to_bytes(const json_t *value);

#endif
