/*
 * client/settings/table.c: the rows of options.def as a table, and what is
 * told of them.  See settings.h; the tool that fills in the manual uses this
 * file alone.
 */
#include "client/settings/settings.h"

#include <stdio.h>
#include <string.h>

#define KEY true
#define NO_KEY false

/* default */
#define NONE                                                                   \
    {                                                                          \
        NULL, NULL                                                             \
    }
#define USUALLY(text)                                                          \
    {                                                                          \
        (text), NULL                                                           \
    }
#define QUEUED(text, late)                                                     \
    {                                                                          \
        (text), (late)                                                         \
    }

/* check */
#define RULE(rule)                                                             \
    {                                                                          \
        SETTING_RULE_##rule, 0, 0                                              \
    }
#define ANY RULE(ANY)
#define USER RULE(USER)
#define FILE_NAME RULE(FILE_NAME)
#define PROXY RULE(PROXY)
#define HEADER RULE(HEADER)
#define RANGE(least, most)                                                     \
    {                                                                          \
        SETTING_RULE_RANGE, (least), (most)                                    \
    }

const struct setting settings_table[SETTING_COUNT] = {
#define OPTION(kind, field, name, letter, argument, commands, key, def, check, \
               help)                                                           \
    {SETTING_KIND_##kind,                                                      \
     name,                                                                     \
     letter,                                                                   \
     argument,                                                                 \
     commands,                                                                 \
     key,                                                                      \
     def,                                                                      \
     check,                                                                    \
     help,                                                                     \
     offsetof(struct settings, field)},
#include "client/settings/options.def"
};

bool settings_find(const char *name, enum setting_id *ret_id)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings_table[i].name, name) == 0) {
            *ret_id = (enum setting_id)i;
            return true;
        }
    }
    return false;
}

void settings_help(const struct setting *setting,
                   char ret_help[SETTINGS_HELP_MAX])
{
    const struct setting_default *usual = &setting->usual;

    (void)snprintf(ret_help, SETTINGS_HELP_MAX, "%s%s%s%s%s%s", setting->help,
                   usual->usual ? "  Default: " : "",
                   usual->usual ? usual->usual : "",
                   usual->queued ? ", in the queue " : "",
                   usual->queued ? usual->queued : "", usual->usual ? "." : "");
}
