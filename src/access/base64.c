/*
 * access/base64.c: see base64.h.
 */
#include "access/base64.h"

#include <limits.h>

#include <openssl/evp.h>

#include "base/text.h"

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

bool base64_decode(struct bits_text coded, void *room, size_t size,
                   size_t *ret_size)
{
    int padding = count_padding(coded);
    int decoded;

    if (padding < 0 || coded.len > INT_MAX || coded.len / 4 * 3 > size) {
        return false;
    }
    decoded =
        EVP_DecodeBlock(room, (const unsigned char *)coded.ptr, (int)coded.len);
    if (decoded < padding) {
        return false;
    }
    *ret_size = (size_t)(decoded - padding);
    return true;
}
