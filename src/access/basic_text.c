/*
 * access/basic_text.c: see basic_text.h.
 */
#include "access/basic_text.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/text.h"

/* Takes "Basic" and the blanks behind it. */
static bool take_scheme(struct bits_text *value)
{
    static const struct bits_text scheme = TEXT_INIT("Basic ");

    if (!text_has_prefix_nocase(*value, scheme)) {
        return false;
    }
    value->ptr += scheme.len;
    value->len -= scheme.len;
    *value = text_trim(*value);
    return true;
}

static bool is_base64(char c)
{
    return c == '+' || c == '/' || (c >= '0' && c <= '9') ||
           (text_lower(c) >= 'a' && text_lower(c) <= 'z');
}

/* The number of padding characters, or -1: not base64. */
static int count_padding(struct bits_text coded)
{
    int padding = 0;

    if (coded.len == 0 || coded.len % 4 != 0) {
        return -1;
    }
    while (padding < 2 && coded.ptr[coded.len - 1] == '=') {
        coded.len--;
        padding++;
    }
    for (size_t i = 0; i < coded.len; i++) {
        if (!is_base64(coded.ptr[i])) {
            return -1;
        }
    }
    return padding;
}

/* Decodes and terminates.  False: it is not base64, or does not fit. */
static bool decode(struct bits_text coded, struct basic_text *text,
                   struct bits_text *ret_plain)
{
    int padding = count_padding(coded);
    int size;

    /* The decoder writes the padding, too. */
    if (padding < 0 || coded.len / 4 * 3 >= sizeof(text->room)) {
        return false;
    }
    size = EVP_DecodeBlock((unsigned char *)text->room,
                           (const unsigned char *)coded.ptr, (int)coded.len);
    if (size < padding) {
        return false;
    }
    *ret_plain = (struct bits_text){text->room, (size_t)(size - padding)};
    text->room[ret_plain->len] = '\0';
    return true;
}

bool basic_text_read(struct bits_text value, struct basic_text *ret_text)
{
    struct bits_text plain;

    if (!take_scheme(&value) || !decode(value, ret_text, &plain) ||
        !text_take_until(&plain, ':', &ret_text->user)) {
        return false;
    }
    ret_text->password = plain.ptr;
    return !htpasswd_name_fault(ret_text->user) &&
           plain.len <= HASH_PASSWORD_MAX && strlen(plain.ptr) == plain.len;
}
