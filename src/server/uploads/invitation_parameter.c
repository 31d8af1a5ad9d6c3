/*
 * server/uploads/invitation_parameter.c: see invitation_parameter.h.
 */
#include "server/uploads/invitation_parameter.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define NAME "bits-invite"

/* Takes one byte, or a percent escape as the byte that it stands for. */
static char take_decoded(struct bits_text *text)
{
    char c = text->ptr[0];
    int high = text->len > 2 ? text_hex_digit(text->ptr[1]) : -1;
    int low = text->len > 2 ? text_hex_digit(text->ptr[2]) : -1;
    size_t taken = 1;

    if (c == '%' && high >= 0 && low >= 0) {
        c = (char)(high << 4 | low);
        taken = 3;
    }
    text->ptr += taken;
    text->len -= taken;
    return c;
}

static bool is_invitation(struct bits_text parameter,
                          struct bits_text *ret_value)
{
    for (const char *name = NAME; *name; name++) {
        if (parameter.len == 0 || take_decoded(&parameter) != *name) {
            return false;
        }
    }
    *ret_value = parameter;
    return parameter.len == 0 || text_take_char(ret_value, '=');
}

/* Takes the next parameter, without the & behind it. */
static struct bits_text take_parameter(struct bits_text *query)
{
    struct bits_text parameter;

    if (!text_take_until(query, '&', &parameter)) {
        parameter = *query;
        *query = (struct bits_text){query->ptr + query->len, 0};
    }
    return parameter;
}

size_t invitation_parameter_remove(struct bits_text target, char *ret_text,
                                   struct invitation_parameter *ret_parameter)
{
    struct bits_text query = target;
    struct bits_text value;
    struct bits_text path;
    char separator = '?';
    size_t size;

    *ret_parameter = (struct invitation_parameter){.count = 0};
    if (!text_take_until(&query, '?', &path) || query.len == 0) {
        memcpy(ret_text, target.ptr, target.len);
        return target.len;
    }
    memcpy(ret_text, path.ptr, path.len);
    size = path.len;
    while (query.len > 0) {
        struct bits_text parameter = take_parameter(&query);

        if (is_invitation(parameter, &value)) {
            if (ret_parameter->count++ == 0) {
                ret_parameter->value = value;
            }
            continue;
        }
        ret_text[size++] = separator;
        separator = '&';
        memcpy(ret_text + size, parameter.ptr, parameter.len);
        size += parameter.len;
    }
    if (ret_parameter->count == 0) { /* as it came, with its last & */
        memcpy(ret_text, target.ptr, target.len);
        size = target.len;
    }
    return size;
}
