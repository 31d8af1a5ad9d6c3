/*
 * passwords/hex.c: see hex.h.
 */
#include "passwords/hex.h"

#include "base/text.h"

bool hex_read(struct bits_text text, uint8_t *ret_bytes, size_t size)
{
    if (text.len != 2 * size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        int high = text_hex_digit(text.ptr[2 * i]);
        int low = text_hex_digit(text.ptr[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void hex_write(const uint8_t *bytes, size_t size, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        ret_text[2 * i] = digits[bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_text[2 * size] = '\0';
}

bool hex_is_lower(struct bits_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text_hex_digit(text.ptr[i]) < 0 ||
            text.ptr[i] != text_lower(text.ptr[i])) {
            return false;
        }
    }
    return true;
}
