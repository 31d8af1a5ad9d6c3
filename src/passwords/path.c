/*
 * passwords/path.c: see path.h.
 */
#include "passwords/path.h"

#include <openbits/target.h>

bool path_canonical(struct bits_text raw, char *ret_path, size_t size,
                    bool *ret_is_folder)
{
    struct bits_text rest = raw;

    if (raw.len == 0 || raw.ptr[0] != '/' || size < raw.len + 1) {
        return false;
    }
    *ret_is_folder = raw.ptr[raw.len - 1] == '/';
    while (rest.len > 0 && rest.ptr[rest.len - 1] == '/') {
        rest.len--;
    }
    ret_path[0] = '/';
    ret_path[1] = '\0';
    if (rest.len == 0) {
        return true;
    }
    rest.ptr++;
    rest.len--;
    return bits_target_name(rest, ret_path + 1, size - 1) == BITS_CAUSE_OK;
}
