/*
 * bits/say_text.c: see say_text.h.
 */
#include "bits/say_text.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

/* Replaces the middle of a shortened text. */
#define ELLIPSIS "..."
#define ELLIPSIS_COLUMNS 3

/* No encoding has characters of more bytes. */
#define BYTES_MAX 8

/* Characters that change the order in which following text is shown, and line
 * separators [Unicode, Bidirectional Algorithm 2]. */
static bool is_unruly(wchar_t c)
{
    return (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
}

/* The bytes of the first character; 0: it must be escaped. */
static size_t measure(const char *string, unsigned *ret_columns)
{
    mbstate_t state = {0};
    wchar_t c;
    size_t len = mbrtowc(&c, string, strnlen(string, BYTES_MAX), &state);
    int columns;

    if (len == 0 || len > BYTES_MAX) {
        return 0;
    }
    columns = wcwidth(c);
    if (columns < 0 || is_unruly(c)) {
        return 0;
    }
    *ret_columns = (unsigned)columns;
    return len;
}

static void escape(struct say_character *character, char c)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)c;

    character->text[0] = '\\';
    character->text[1] = 'x';
    character->text[2] = digits[byte >> 4];
    character->text[3] = digits[byte & 15];
    character->text[4] = '\0';
    character->len = 4;
    character->columns = 4;
}

struct say_character say_take(const char **string)
{
    struct say_character character = {0};
    unsigned columns = 0;
    size_t len = measure(*string, &columns);

    if (len == 0) {
        escape(&character, **string);
        (*string)++;
        return character;
    }
    memcpy(character.text, *string, len);
    character.text[len] = '\0';
    character.len = len;
    character.columns = columns;
    *string += len;
    return character;
}

unsigned say_columns(const char *string)
{
    unsigned columns = 0;

    while (*string) {
        columns += say_take(&string).columns;
    }
    return columns;
}

struct output {
    char *room;
    size_t size;
    size_t len;
};

static bool put(struct output *output, const char *text, size_t len)
{
    if (len >= output->size - output->len) {
        return false;
    }
    memcpy(output->room + output->len, text, len);
    output->len += len;
    output->room[output->len] = '\0';
    return true;
}

/* Writes characters as long as they fit. */
static void put_head(struct output *output, const char *string,
                     unsigned columns)
{
    while (*string) {
        struct say_character character = say_take(&string);

        if (character.columns > columns ||
            !put(output, character.text, character.len)) {
            return;
        }
        columns -= character.columns;
    }
}

/* The start of the string's last `columns` columns. */
static const char *find_tail(const char *string, unsigned columns)
{
    unsigned total = say_columns(string);

    while (*string && total > columns) {
        total -= say_take(&string).columns;
    }
    return string;
}

void say_head(char *room, size_t size, const char *string, unsigned columns)
{
    struct output output = {room, size, 0};

    room[0] = '\0';
    put_head(&output, string, columns);
}

void say_fit(char *room, size_t size, const char *string, unsigned columns)
{
    struct output output = {room, size, 0};
    unsigned tail;

    room[0] = '\0';
    if (say_columns(string) <= columns) {
        put_head(&output, string, columns);
        return;
    }
    if (columns <= ELLIPSIS_COLUMNS) {
        put_head(&output, ELLIPSIS, columns);
        return;
    }
    tail = (columns - ELLIPSIS_COLUMNS) / 2;
    put_head(&output, string, columns - ELLIPSIS_COLUMNS - tail);
    (void)put(&output, TEXT(ELLIPSIS).ptr, ELLIPSIS_COLUMNS);
    put_head(&output, find_tail(string, tail), tail);
}
