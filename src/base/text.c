/*
 * base/text.c: see text.h.
 */
#include "base/text.h"

#include <string.h>

struct bits_text text_of(const char *string)
{
    return (struct bits_text){string, strlen(string)};
}

bool text_equal(struct bits_text a, struct bits_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

char text_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool text_equal_nocase(struct bits_text a, struct bits_text b)
{
    return a.len == b.len && text_has_prefix_nocase(a, b);
}

bool text_has_prefix_nocase(struct bits_text text, struct bits_text prefix)
{
    if (text.len < prefix.len) {
        return false;
    }
    for (size_t i = 0; i < prefix.len; i++) {
        if (text_lower(text.ptr[i]) != text_lower(prefix.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool text_take_char(struct bits_text *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c) {
        return false;
    }
    text->ptr++;
    text->len--;
    return true;
}

bool text_take_until(struct bits_text *text, char c,
                     struct bits_text *ret_before)
{
    const char *hit = text->len ? memchr(text->ptr, c, text->len) : NULL;
    size_t before;

    if (!hit) {
        return false;
    }
    before = (size_t)(hit - text->ptr);
    *ret_before = (struct bits_text){text->ptr, before};
    text->ptr += before + 1;
    text->len -= before + 1;
    return true;
}

bool text_take_u64(struct bits_text *text, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t digits = 0;

    while (digits < text->len) {
        char c = text->ptr[digits];

        if (c < '0' || c > '9') {
            break;
        }
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (unsigned)(c - '0'), &value)) {
            return false;
        }
        digits++;
    }
    if (digits == 0) {
        return false;
    }
    text->ptr += digits;
    text->len -= digits;
    *ret_value = value;
    return true;
}

bool text_to_u64(struct bits_text text, uint64_t *ret_value)
{
    uint64_t value;

    if (!text_take_u64(&text, &value) || text.len != 0) {
        return false;
    }
    *ret_value = value;
    return true;
}

struct bits_text text_from_u64(uint64_t value, char room[TEXT_U64_MAX])
{
    size_t start = TEXT_U64_MAX;

    do {
        start--;
        room[start] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return (struct bits_text){room + start, TEXT_U64_MAX - start};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct bits_text text_trim(struct bits_text text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

bool text_take_item(struct bits_text *list, struct bits_text *ret_item)
{
    while (list->len > 0) {
        struct bits_text item;

        if (!text_take_until(list, ',', &item)) {
            item = *list;
            *list = (struct bits_text){NULL, 0};
        }
        item = text_trim(item);
        if (item.len > 0) {
            *ret_item = item;
            return true;
        }
    }
    return false;
}

int text_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_is_visible(struct bits_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x21 || text.ptr[i] > 0x7e) {
            return false;
        }
    }
    return text.len > 0;
}
