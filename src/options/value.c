/*
 * options/value.c: see value.h.
 */
#include "options/value.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

/* Largest first, so that the writer finds the shortest spelling. */
struct unit {
    char letter;
    uint64_t factor;
};

static const struct unit size_units[] = {
    {'T', UINT64_C(1) << 40},
    {'G', UINT64_C(1) << 30},
    {'M', UINT64_C(1) << 20},
    {'k', UINT64_C(1) << 10},
    {0, 0},
};

static const struct unit time_units[] = {
    {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}, {0, 0},
};

static uint64_t factor_of(const struct unit *units, char letter)
{
    for (; units->letter; units++) {
        if (units->letter == letter) {
            return units->factor;
        }
    }
    return 0;
}

static bool read_with_unit(struct bits_text text, const struct unit *units,
                           uint64_t *ret_value)
{
    uint64_t value;
    uint64_t factor = 1;

    if (!text_take_u64(&text, &value)) {
        return false;
    }
    if (text.len > 0) {
        factor = factor_of(units, text.ptr[0]);
        if (factor == 0 || text.len > 1) {
            return false;
        }
    }
    return !__builtin_mul_overflow(value, factor, ret_value);
}

bool value_read_flag(struct bits_text text, bool *ret_flag)
{
    bool yes = text_equal(text, TEXT("yes"));

    if (!yes && !text_equal(text, TEXT("no"))) {
        return false;
    }
    *ret_flag = yes;
    return true;
}

bool value_read_size(struct bits_text text, uint64_t *ret_bytes)
{
    char folded[32];
    uint64_t bytes;

    if (text.len == 0 || text.len > sizeof(folded)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text_lower(text.ptr[i]);

        folded[i] =
            (char)(c == 'm' || c == 'g' || c == 't' ? c - 'a' + 'A' : c);
    }
    if (!read_with_unit((struct bits_text){folded, text.len}, size_units,
                        &bytes)) {
        return false;
    }
    *ret_bytes = bytes;
    return true;
}

bool value_read_duration(struct bits_text text, uint64_t *ret_seconds)
{
    uint64_t seconds;

    if (!read_with_unit(text, time_units, &seconds)) {
        return false;
    }
    *ret_seconds = seconds;
    return true;
}

bool value_read_mode(struct bits_text text, unsigned *ret_mode)
{
    unsigned mode = 0;

    if (text.len == 0 || text.len > 5) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7') {
            return false;
        }
        mode = mode * 8 + (unsigned)(text.ptr[i] - '0');
    }
    *ret_mode = mode;
    return true;
}

static bool read_percent(struct bits_text text, unsigned *ret_percent)
{
    uint64_t percent;

    if (!text_take_u64(&text, &percent) || !text_equal(text, TEXT("%")) ||
        percent > 100) {
        return false;
    }
    *ret_percent = (unsigned)percent;
    return true;
}

static struct bits_text take_word(struct bits_text *text)
{
    struct bits_text word = {text->ptr, 0};

    while (word.len < text->len && word.ptr[word.len] != ' ' &&
           word.ptr[word.len] != '\t') {
        word.len++;
    }
    *text = text_trim(
        (struct bits_text){text->ptr + word.len, text->len - word.len});
    return word;
}

bool value_read_space(struct bits_text text, struct option_space *ret_space)
{
    struct option_space space = {UINT64_MAX, 100};
    struct bits_text rest = text_trim(text);
    struct bits_text word;

    if (rest.len == 0) {
        return false;
    }
    word = take_word(&rest);
    if (value_read_size(word, &space.bytes)) {
        if (rest.len == 0) {
            *ret_space = space;
            return true;
        }
        word = take_word(&rest);
    }
    if (rest.len > 0 || !read_percent(word, &space.percent)) {
        return false;
    }
    *ret_space = space;
    return true;
}

static void write_with_unit(uint64_t value, const struct unit *units,
                            char ret_text[VALUE_TEXT_MAX])
{
    for (; value > 0 && units->letter; units++) {
        if (value % units->factor == 0) {
            (void)snprintf(ret_text, VALUE_TEXT_MAX, "%" PRIu64 "%c",
                           value / units->factor, units->letter);
            return;
        }
    }
    (void)snprintf(ret_text, VALUE_TEXT_MAX, "%" PRIu64, value);
}

void value_write_size(uint64_t bytes, char ret_text[VALUE_TEXT_MAX])
{
    write_with_unit(bytes, size_units, ret_text);
}

void value_write_duration(uint64_t seconds, char ret_text[VALUE_TEXT_MAX])
{
    write_with_unit(seconds, time_units, ret_text);
}

void value_write_space(struct option_space space, char ret_text[VALUE_TEXT_MAX])
{
    char bytes[VALUE_TEXT_MAX];

    if (space.bytes == UINT64_MAX) {
        (void)snprintf(ret_text, VALUE_TEXT_MAX, "%u%%", space.percent);
        return;
    }
    value_write_size(space.bytes, bytes);
    if (space.percent == 100) {
        (void)snprintf(ret_text, VALUE_TEXT_MAX, "%s", bytes);
        return;
    }
    (void)snprintf(ret_text, VALUE_TEXT_MAX, "%.32s %u%%", bytes,
                   space.percent);
}
