/*
 * client/json_bytes.c: see json_bytes.h.
 */
#include "client/json_bytes.h"

#include <stdlib.h>
#include <string.h>

json_t *json_from_bytes(const char *text)
{
    char *room = malloc(2 * strlen(text) + 1);
    json_t *value;
    size_t len = 0;

    for (; room && *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte < 0x80) {
            room[len++] = (char)byte;
        } else {
            room[len++] = (char)(0xc0 | byte >> 6);
            room[len++] = (char)(0x80 | (byte & 0x3f));
        }
    }
    value = room ? json_stringn(room, len) : NULL;
    free(room);
    return value;
}

char *json_to_bytes(const json_t *value)
{
    const char *from = json_string_value(value);
    char *text = from ? malloc(strlen(from) + 1) : NULL;
    size_t len = 0;

    for (; text && *from; from++) {
        unsigned char byte = (unsigned char)*from;

        if (byte >= 0x80) {
            /* jansson has checked that the continuation byte follows. */
            if ((byte & 0xfc) != 0xc0) {
                free(text);
                return NULL;
            }
            from++;
            byte = (unsigned char)((byte & 3) << 6 | (*from & 0x3f));
        }
        text[len++] = (char)byte;
    }
    if (text) {
        text[len] = '\0';
    }
    return text;
}
