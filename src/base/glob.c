/*
 * base/glob.c: see glob.h.
 *
 * If the text behind a star does not match, only the last star has to take one
 * byte more: whatever an earlier star could take, the last one can take, too.
 */
#include "base/glob.h"

#include "base/text.h"

static bool continues_character(struct bits_text text)
{
    return text.len > 0 && ((unsigned char)text.ptr[0] & 0xc0) == 0x80;
}

static void drop(struct bits_text *text)
{
    text->ptr++;
    text->len--;
}

/* Takes one character of both. */
static bool take_both(struct bits_text *pattern, struct bits_text *text)
{
    if (pattern->len == 0 || text->len == 0) {
        return false;
    }
    if (pattern->ptr[0] != '?') {
        return text_take_char(text, pattern->ptr[0]) &&
               text_take_char(pattern, pattern->ptr[0]);
    }
    drop(pattern);
    drop(text);
    while (continues_character(*text)) {
        drop(text);
    }
    return true;
}

bool glob_matches(struct bits_text pattern, struct bits_text text)
{
    struct bits_text star = {.ptr =
                                 NULL}; /* the pattern behind the last star */
    struct bits_text rest = text;       /* that this star has not taken */

    while (text.len > 0 || pattern.len > 0) {
        if (text_take_char(&pattern, '*')) {
            star = pattern;
            rest = text;
        } else if (!take_both(&pattern, &text)) {
            if (!star.ptr || rest.len == 0) {
                return false;
            }
            drop(&rest);
            pattern = star;
            text = rest;
        }
    }
    return true;
}
