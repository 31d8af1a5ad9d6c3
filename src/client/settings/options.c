/*
 * client/settings/options.c: the rows of options.def as a table, and what is
 * told of them.  See settings.h; the tool that fills in the manual uses this
 * file alone.
 */
#include "client/settings/judge.h"

#include <stdio.h>
#include <string.h>

static const struct option_word words[] = {
#define CHOICE(kind, word, constant) {#kind, word, constant},
#include "client/settings/options.def"
    {NULL, NULL, 0},
};

#define KEY true
#define NO_KEY false

/* kind */
#define KIND_FLAG .option.kind = OPTION_FLAG
#define KIND_TEXT .option.kind = OPTION_TEXT
#define KIND_PATH .option.kind = OPTION_TEXT, .is_path = true
#define KIND_LIST .option.kind = OPTION_LIST
#define KIND_NUMBER .option.kind = OPTION_NUMBER
#define KIND_SIZE .option.kind = OPTION_SIZE
#define KIND_DURATION .option.kind = OPTION_DURATION
#define KIND_AUTH .option.kind = OPTION_CHOICE
#define KIND_METHOD .option.kind = OPTION_CHOICE

/* default */
#define NONE .option.def = NULL
#define USUALLY(text) .option.def = (text)
#define QUEUED(text, late) .option.def = (text), .queued = (late)

/* check */
#define CHECK(low, high, judge)                                                \
    {                                                                          \
        (low), (high), (judge)                                                 \
    }
#define ANY CHECK(0, UINT64_MAX, NULL)
#define RANGE(least, most) CHECK(least, most, NULL)
#define USER CHECK(0, 0, setting_judge_user)
#define FILE_NAME CHECK(0, 0, setting_judge_file_name)
#define PROXY CHECK(0, 0, settings_judge_proxy)
#define HEADER CHECK(0, 0, setting_judge_header)

const struct setting settings_table[SETTING_COUNT] = {
#define OPTION(kind_, field_, name_, letter_, argument_, commands_, key_,      \
               def_, check_, help_)                                            \
    {                                                                          \
        KIND_##kind_,                                                          \
        def_,                                                                  \
        .option.name = (name_),                                                \
        .option.set = #kind_,                                                  \
        .option.words = words,                                                 \
        .option.check = check_,                                                \
        .option.offset = offsetof(struct settings, field_),                    \
        .letter = (letter_),                                                   \
        .argument = (argument_),                                               \
        .commands = (commands_),                                               \
        .is_key = (key_),                                                      \
        .help = (help_),                                                       \
    },
#include "client/settings/options.def"
};

bool settings_find(const char *name, enum setting_id *ret_id)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings_table[i].option.name, name) == 0) {
            *ret_id = (enum setting_id)i;
            return true;
        }
    }
    return false;
}

void settings_help(const struct setting *setting,
                   char ret_help[SETTINGS_HELP_MAX])
{
    const char *usual = setting->option.def;
    const char *queued = setting->queued;

    (void)snprintf(ret_help, SETTINGS_HELP_MAX, "%s%s%s%s%s%s", setting->help,
                   usual ? "  Default: " : "", usual ? usual : "",
                   queued ? ", in the queue " : "", queued ? queued : "",
                   usual ? "." : "");
}
