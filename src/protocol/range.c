/*
 * protocol/range.c: reads Content-Range: the condition of F1 and the spellings
 * of the empty file [MC-BUP 2.2.6.1].
 */
#include <openbits/packet.h>

#include "base/text.h"

/* "bytes" 1*SP, in any case. */
static bool take_unit(struct bits_text *text)
{
    const struct bits_text unit = TEXT("bytes");

    if (!text_has_prefix_nocase(*text, unit)) {
        return false;
    }
    text->ptr += unit.len;
    text->len -= unit.len;
    if (!text_take_char(text, ' ')) {
        return false;
    }
    while (text_take_char(text, ' ')) {
    }
    return true;
}

/* No rule defines how to spell the range of an empty file.  Clients send "*",
 * or 0 to -1 in signed or unsigned 64-bit arithmetic. */
static bool is_empty_file(struct bits_text text)
{
    static const char *const spellings[] = {
        "*/0",
        "0-0/0",
        "0--1/0",
        "0-18446744073709551615/0",
    };

    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        if (text_equal(text, text_of(spellings[i]))) {
            return true;
        }
    }
    return false;
}

enum bits_range_form bits_range_parse(struct bits_text text,
                                      struct bits_range *ret_range)
{
    struct bits_range range;

    if (!take_unit(&text)) {
        return BITS_RANGE_FORM_MALFORMED;
    }
    if (is_empty_file(text)) {
        return BITS_RANGE_FORM_EMPTY;
    }
    if (!text_take_u64(&text, &range.first) || !text_take_char(&text, '-') ||
        !text_take_u64(&text, &range.last) || !text_take_char(&text, '/') ||
        !text_to_u64(text, &range.total)) {
        return BITS_RANGE_FORM_MALFORMED;
    }
    if (range.first > range.last || range.last >= range.total) {
        return BITS_RANGE_FORM_MALFORMED;
    }
    *ret_range = range;
    return BITS_RANGE_FORM_BYTES;
}
