/*
 * http1/bytes.c: see bytes.h.
 */
#include "http1/bytes.h"

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

bool http1_is_token_byte(char c)
{
    switch (c) {
    case '!':
    case '#':
    case '$':
    case '%':
    case '&':
    case '\'':
    case '*':
    case '+':
    case '-':
    case '.':
    case '^':
    case '_':
    case '`':
    case '|':
    case '~':
        return true;
    default:
        return is_alphanumeric(c);
    }
}

bool http1_is_value_byte(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool http1_is_token(struct bits_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!http1_is_token_byte(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}
