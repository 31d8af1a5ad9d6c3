/*
 * config/option.c: the table of options and what can be done with a field of
 * any kind; option_set.c has the way from text into a field.
 */
#include "config/option.h"

#include <stdlib.h>
#include <string.h>

#include "config/choice.h"
#include "config/list.h"
#include "config/value.h"

#define ANY                                                                    \
    {                                                                          \
        OPTION_RULE_ANY, 0, 0                                                  \
    }
#define RANGE(low, high)                                                       \
    {                                                                          \
        OPTION_RULE_RANGE, low, high                                           \
    }
#define BITS(must, may)                                                        \
    {                                                                          \
        OPTION_RULE_BITS, must, may                                            \
    }
#define PATH                                                                   \
    {                                                                          \
        OPTION_RULE_PATH, 0, 0                                                 \
    }
#define HOST                                                                   \
    {                                                                          \
        OPTION_RULE_HOST, 0, 0                                                 \
    }
#define LISTEN                                                                 \
    {                                                                          \
        OPTION_RULE_LISTEN, 0, 0                                               \
    }

const struct option options[OPTION_COUNT] = {
#define SERVER(kind, name, def, check, reload, iis, help)                      \
    {OPTION_HOME_SERVER,                                                       \
     OPTION_KIND_##kind,                                                       \
     OPTION_RELOAD_##reload,                                                   \
     #name,                                                                    \
     def,                                                                      \
     check,                                                                    \
     offsetof(struct config_server, name)},
#define UPLOAD(kind, name, def, check, reload, iis, help)                      \
    {OPTION_HOME_UPLOAD,                                                       \
     OPTION_KIND_##kind,                                                       \
     OPTION_RELOAD_##reload,                                                   \
     #name,                                                                    \
     def,                                                                      \
     check,                                                                    \
     offsetof(struct config_upload, name)},
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

const struct option *option_find(enum option_home home, const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (options[i].home == home && strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

bool option_takes_none(const struct option *option)
{
    return (option->kind == OPTION_KIND_NUMBER ||
            option->kind == OPTION_KIND_SIZE) &&
           option->def && strcmp(option->def, "none") == 0;
}

static const void *field_of(const struct option *option, const void *home)
{
    return (const char *)home + option->offset;
}

void option_clear(const struct option *option, void *home)
{
    void *field = (char *)home + option->offset;

    if (option->kind == OPTION_KIND_TEXT) {
        char **text = field;

        free(*text);
        *text = NULL;
    } else if (option->kind == OPTION_KIND_LIST) {
        config_list_done(field);
    }
}

bool option_is_set(const struct option *option, const void *home)
{
    if (option->kind == OPTION_KIND_TEXT) {
        return *(char *const *)field_of(option, home) != NULL;
    }
    return true;
}

static bool text_is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool space_is_same(const struct config_space *a,
                          const struct config_space *b)
{
    return a->bytes == b->bytes && a->percent == b->percent;
}

bool option_is_same(const struct option *option, const void *home,
                    const void *other)
{
    const void *a = field_of(option, home);
    const void *b = field_of(option, other);

    switch (option->kind) {
    case OPTION_KIND_TEXT:
        return text_is_same(*(char *const *)a, *(char *const *)b);
    case OPTION_KIND_LIST:
        return config_list_is_same(a, b);
    case OPTION_KIND_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case OPTION_KIND_NUMBER:
    case OPTION_KIND_SIZE:
    case OPTION_KIND_DURATION:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case OPTION_KIND_MODE:
        return *(const unsigned *)a == *(const unsigned *)b;
    case OPTION_KIND_SPACE:
        return space_is_same(a, b);
    case OPTION_KIND_CHOICE_LOG_FORMAT:
    case OPTION_KIND_CHOICE_LOG_LEVEL:
    case OPTION_KIND_CHOICE_ENABLED:
    case OPTION_KIND_CHOICE_ON_EXISTS:
    case OPTION_KIND_CHOICE_ZERO_LENGTH:
    case OPTION_KIND_CHOICE_DURABILITY:
        break;
    }
    return *(const enum config_choice *)a == *(const enum config_choice *)b;
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

static void print_list(const struct config_list *list, FILE *stream)
{
    (void)fputc('{', stream);
    for (size_t i = 0; i < list->count; i++) {
        (void)fputs(i > 0 ? ", " : "", stream);
        option_print_text(list->items[i], stream);
    }
    (void)fputc('}', stream);
}

static void print_number(const struct option *option, uint64_t number,
                         FILE *stream)
{
    char text[VALUE_TEXT_MAX];

    if (number == UINT64_MAX && option_takes_none(option)) {
        (void)fputs("none", stream);
    } else if (option->kind == OPTION_KIND_SIZE) {
        value_write_size(number, text);
        (void)fputs(text, stream);
    } else if (option->kind == OPTION_KIND_DURATION) {
        value_write_duration(number, text);
        (void)fputs(text, stream);
    } else {
        (void)fprintf(stream, "%llu", (unsigned long long)number);
    }
}

static void print_space(const struct config_space *space, FILE *stream)
{
    char text[VALUE_TEXT_MAX];

    value_write_space(*space, text);
    option_print_text(text, stream);
}

void option_print(const struct option *option, const void *home, FILE *stream)
{
    const void *field = field_of(option, home);

    switch (option->kind) {
    case OPTION_KIND_TEXT:
        option_print_text(*(char *const *)field, stream);
        return;
    case OPTION_KIND_LIST:
        print_list(field, stream);
        return;
    case OPTION_KIND_FLAG:
        (void)fputs(*(const bool *)field ? "yes" : "no", stream);
        return;
    case OPTION_KIND_NUMBER:
    case OPTION_KIND_SIZE:
    case OPTION_KIND_DURATION:
        print_number(option, *(const uint64_t *)field, stream);
        return;
    case OPTION_KIND_MODE:
        (void)fprintf(stream, "%04o", *(const unsigned *)field);
        return;
    case OPTION_KIND_SPACE:
        print_space(field, stream);
        return;
    case OPTION_KIND_CHOICE_LOG_FORMAT:
    case OPTION_KIND_CHOICE_LOG_LEVEL:
    case OPTION_KIND_CHOICE_ENABLED:
    case OPTION_KIND_CHOICE_ON_EXISTS:
    case OPTION_KIND_CHOICE_ZERO_LENGTH:
    case OPTION_KIND_CHOICE_DURABILITY:
        break;
    }
    (void)fputs(choice_word(*(const enum config_choice *)field), stream);
}
