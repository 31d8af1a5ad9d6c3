/*
 * base/handle.c: see handle.h.
 */
#include "base/handle.h"

#include <string.h>

void handle_of(const struct bits_guid *id, char ret_handle[HANDLE_LEN + 1])
{
    static const char hex[] = "0123456789ABCDEF";
    const uint8_t *byte = id->bytes + sizeof(id->bytes) - HANDLE_LEN / 2;

    for (unsigned i = 0; i < HANDLE_LEN; i += 2, byte++) {
        ret_handle[i] = hex[*byte >> 4];
        ret_handle[i + 1] = hex[*byte & 0x0f];
    }
    ret_handle[HANDLE_LEN] = '\0';
}

struct bits_text handle_of_text(struct bits_text id,
                                char ret_handle[HANDLE_LEN + 1])
{
    size_t len;

    if (id.len > 0 && id.ptr[id.len - 1] == '}') {
        id.len--;
    }
    len = id.len < HANDLE_LEN ? id.len : HANDLE_LEN;
    for (size_t i = 0; i < len; i++) {
        char c = id.ptr[id.len - len + i];

        ret_handle[i] = (char)(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    }
    ret_handle[len] = '\0';
    return (struct bits_text){ret_handle, len};
}
