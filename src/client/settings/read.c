/*
 * client/settings/read.c: see read.h.
 */
#include "client/settings/read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/value.h"

struct choice {
    enum setting_kind kind;
    const char *word;
    int constant;
};

static const struct choice choices[] = {
#define CHOICE(kind, word, constant) {SETTING_KIND_##kind, word, constant},
#include "client/settings/options.def"
};

#define CHOICE_COUNT (sizeof(choices) / sizeof(choices[0]))

bool settings_refuse(char fault[SETTINGS_FAULT_MAX], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(fault, SETTINGS_FAULT_MAX, format, arguments);
    va_end(arguments);
    return false;
}

void *settings_field(struct settings *settings, enum setting_id id)
{
    return (char *)settings + settings_table[id].offset;
}

static bool read_flag(const char *text, bool *field, char *fault)
{
    return value_read_flag(text_of(text), field) ||
           settings_refuse(fault, "\"%s\" is neither yes nor no", text);
}

/* --- numbers -------------------------------------------------------------- */

static void write_number(const struct setting *setting, uint64_t number,
                         char room[VALUE_TEXT_MAX])
{
    if (setting->kind == SETTING_KIND_DURATION) {
        value_write_duration(number, room);
    } else {
        value_write_size(number, room);
    }
}

/* Takes over what lies within the option's range. */
static bool take_number(const struct setting *setting, const char *text,
                        uint64_t number, uint64_t *field, char *fault)
{
    const struct setting_check *check = &setting->check;
    char least[VALUE_TEXT_MAX];
    char most[VALUE_TEXT_MAX];

    if (check->rule == SETTING_RULE_RANGE &&
        (number < check->least || number > check->most)) {
        write_number(setting, check->least, least);
        write_number(setting, check->most, most);
        return settings_refuse(fault, "\"%s\" is out of range; write %s to %s",
                               text, least, most);
    }
    *field = number;
    return true;
}

static bool read_count(const struct setting *setting, const char *text,
                       uint64_t *field, char *fault)
{
    uint64_t count;

    if (!text_to_u64(text_of(text), &count)) {
        return settings_refuse(fault, "\"%s\" is not a number; write digits",
                               text);
    }
    return take_number(setting, text, count, field, fault);
}

static bool read_size(const struct setting *setting, const char *text,
                      uint64_t *field, char *fault)
{
    uint64_t bytes;

    if (!value_read_size(text_of(text), &bytes)) {
        return settings_refuse(
            fault,
            "\"%s\" is not a size; write digits, with k, M, G or T "
            "behind them if you like",
            text);
    }
    return take_number(setting, text, bytes, field, fault);
}

static bool read_fragment(const struct setting *setting, const char *text,
                          uint64_t *field, char *fault)
{
    if (strcmp(text, "auto") == 0) {
        *field = 0;
        return true;
    }
    return read_size(setting, text, field, fault);
}

static bool read_duration(const struct setting *setting, const char *text,
                          uint64_t *field, char *fault)
{
    uint64_t seconds;

    if (!value_read_duration(text_of(text), &seconds)) {
        return settings_refuse(
            fault,
            "\"%s\" is not a time; write digits with s, m, h or d "
            "behind them",
            text);
    }
    return take_number(setting, text, seconds, field, fault);
}

/* --- words ---------------------------------------------------------------- */

/* "auto, basic, digest"; cut where the room ends. */
static void list_words(enum setting_kind kind, char *room, size_t size)
{
    size_t len = 0;

    room[0] = '\0';
    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (choices[i].kind == kind && len < size) {
            len += (size_t)snprintf(room + len, size - len, "%s%s",
                                    len > 0 ? ", " : "", choices[i].word);
        }
    }
}

/* The constant that the word stands for; -1: it is none of them. */
static int find_choice(enum setting_kind kind, const char *word, char *fault)
{
    char words[128];

    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (choices[i].kind == kind && strcmp(choices[i].word, word) == 0) {
            return choices[i].constant;
        }
    }
    list_words(kind, words, sizeof(words));
    (void)settings_refuse(fault, "\"%s\" is not one of %s", word, words);
    return -1;
}

static bool read_choice(const struct setting *setting, const char *text,
                        void *field, char *fault)
{
    int constant = find_choice(setting->kind, text, fault);

    if (constant < 0) {
        return false;
    }
    if (setting->kind == SETTING_KIND_AUTH) {
        *(enum settings_auth *)field = (enum settings_auth)constant;
    } else {
        *(enum settings_method *)field = (enum settings_method)constant;
    }
    return true;
}

bool settings_read(const struct setting *setting, const char *text, void *field,
                   char ret_fault[SETTINGS_FAULT_MAX])
{
    switch (setting->kind) {
    case SETTING_KIND_FLAG:
        return read_flag(text, field, ret_fault);
    case SETTING_KIND_COUNT:
        return read_count(setting, text, field, ret_fault);
    case SETTING_KIND_SIZE:
        return read_size(setting, text, field, ret_fault);
    case SETTING_KIND_FRAGMENT:
        return read_fragment(setting, text, field, ret_fault);
    case SETTING_KIND_DURATION:
        return read_duration(setting, text, field, ret_fault);
    case SETTING_KIND_AUTH:
    case SETTING_KIND_METHOD:
        return read_choice(setting, text, field, ret_fault);
    case SETTING_KIND_TEXT:
    case SETTING_KIND_PATH:
    case SETTING_KIND_LIST:
        break;
    }
    return settings_refuse(ret_fault, "its text has to be kept");
}
