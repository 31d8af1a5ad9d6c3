/*
 * protocol/guid.c: reading and writing GUIDs [MS-DTYP 2.3.4.3].
 */
#include <openbits/guid.h>

#include <string.h>

#include "base/text.h"

/* 'x' is a digit; the other characters are literal. */
static const char form[] = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";

_Static_assert(sizeof(form) - 1 == BITS_GUID_TEXT_LEN, "the form of a GUID");

const struct bits_guid bits_protocol_1_5 = {
    {0x7d, 0xf0, 0x35, 0x4d, 0x24, 0x9b, 0x43, 0x0f, 0x82, 0x0d, 0x3d, 0x2a,
     0x9b, 0xef, 0x49, 0x31},
};

bool bits_guid_parse(struct bits_text text, struct bits_guid *ret_guid)
{
    struct bits_guid guid = {{0}};
    unsigned digits = 0;

    if (text.len != BITS_GUID_TEXT_LEN) {
        return false;
    }
    for (size_t i = 0; i < BITS_GUID_TEXT_LEN; i++) {
        int digit;

        if (form[i] != 'x') {
            if (text.ptr[i] != form[i]) {
                return false;
            }
            continue;
        }
        digit = text_hex_digit(text.ptr[i]);
        if (digit < 0) {
            return false;
        }
        guid.bytes[digits / 2] = (uint8_t)(guid.bytes[digits / 2] << 4 | digit);
        digits++;
    }
    *ret_guid = guid;
    return true;
}

void bits_guid_format(const struct bits_guid *guid,
                      char ret_text[BITS_GUID_TEXT_LEN + 1])
{
    static const char hex[] = "0123456789ABCDEF";
    char *at = ret_text;

    *at++ = '{';
    for (size_t i = 0; i < sizeof(guid->bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        *at++ = hex[guid->bytes[i] >> 4];
        *at++ = hex[guid->bytes[i] & 0x0f];
    }
    *at++ = '}';
    *at = '\0';
}

void bits_guid_make(uint64_t unix_ms, const uint8_t random[BITS_GUID_RANDOM],
                    struct bits_guid *ret_guid)
{
    uint8_t *bytes = ret_guid->bytes;

    for (size_t i = 0; i < 6; i++) {
        bytes[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
    }
    memcpy(bytes + 6, random, BITS_GUID_RANDOM);
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f)); /* the version */
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f)); /* the variant */
}

bool bits_guid_equal(const struct bits_guid *a, const struct bits_guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
