/*
 * options/option.c: see option.h; option_set() is in option_set.c.
 */
#include "options/option.h"

#include <stdlib.h>
#include <string.h>

#include "options/choice.h"
#include "options/number.h"

static const void *field_of(const struct option_row *option, const void *home)
{
    return (const char *)home + option->offset;
}

void option_clear(const struct option_row *option, void *home)
{
    void *field = (char *)home + option->offset;

    if (option->kind == OPTION_TEXT) {
        char **text = field;

        free(*text);
        *text = NULL;
    } else if (option->kind == OPTION_LIST) {
        string_list_done(field);
    } else if (option->kind == OPTION_CHOICES) {
        *(uint64_t *)field = 0;
    }
}

bool option_is_set(const struct option_row *option, const void *home)
{
    const void *field = field_of(option, home);

    if (option->kind == OPTION_LIST) {
        return ((const struct string_list *)field)->count > 0;
    }
    return option->kind != OPTION_TEXT || *(char *const *)field != NULL;
}

static bool text_is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool space_is_same(const struct option_space *a,
                          const struct option_space *b)
{
    return a->bytes == b->bytes && a->percent == b->percent;
}

bool option_is_same(const struct option_row *option, const void *home,
                    const void *other)
{
    const void *a = field_of(option, home);
    const void *b = field_of(option, other);

    switch (option->kind) {
    case OPTION_TEXT:
        return text_is_same(*(char *const *)a, *(char *const *)b);
    case OPTION_LIST:
        return string_list_is_same(a, b);
    case OPTION_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
    case OPTION_CHOICES:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case OPTION_MODE:
    case OPTION_CHOICE:
        return *(const unsigned *)a == *(const unsigned *)b;
    case OPTION_SPACE:
        break;
    }
    return space_is_same(a, b);
}

void option_print_text(const char *text, FILE *stream)
{
    (void)fputc('"', stream);
    for (; *text; text++) {
        if (strchr("\"\\$", *text)) {
            (void)fputc('\\', stream);
        }
        (void)fputc(*text, stream);
    }
    (void)fputc('"', stream);
}

static void print_list(const struct string_list *list, FILE *stream)
{
    (void)fputc('{', stream);
    for (size_t i = 0; i < list->count; i++) {
        (void)fputs(i > 0 ? ", " : "", stream);
        option_print_text(list->items[i], stream);
    }
    (void)fputc('}', stream);
}

static void print_space(struct option_space space, FILE *stream)
{
    char text[VALUE_TEXT_MAX];

    value_write_space(space, text);
    option_print_text(text, stream);
}

void option_print(const struct option_row *option, const void *home,
                  FILE *stream)
{
    const void *field = field_of(option, home);
    char number[VALUE_TEXT_MAX];

    switch (option->kind) {
    case OPTION_TEXT:
        option_print_text(*(char *const *)field, stream);
        return;
    case OPTION_LIST:
        print_list(field, stream);
        return;
    case OPTION_FLAG:
        (void)fputs(*(const bool *)field ? "yes" : "no", stream);
        return;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        number_write(option, *(const uint64_t *)field, number);
        (void)fputs(number, stream);
        return;
    case OPTION_MODE:
        (void)fprintf(stream, "%04o", *(const unsigned *)field);
        return;
    case OPTION_SPACE:
        print_space(*(const struct option_space *)field, stream);
        return;
    case OPTION_CHOICES:
        choice_print(option, *(const uint64_t *)field, stream);
        return;
    case OPTION_CHOICE:
        break;
    }
    (void)fputs(choice_word(option, *(const unsigned *)field), stream);
}
