/*
 * access/basic_text.c: see basic_text.h.
 */
#include "access/basic_text.h"

#include <string.h>

#include "access/base64.h"
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

/* Decodes and terminates.  False: it is not base64, or does not fit. */
static bool decode(struct bits_text coded, struct basic_text *text,
                   struct bits_text *ret_plain)
{
    ret_plain->ptr = text->room;
    if (!base64_decode(coded, text->room, sizeof(text->room) - 1,
                       &ret_plain->len)) {
        return false;
    }
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
