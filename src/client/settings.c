/*
 * client/settings.c: see settings.h; how a value is read from its text is in
 * settings_set.c.
 */
#include "client/settings.h"

#include <string.h>

#define KEY true
#define NO_KEY false

const struct setting settings_table[SETTING_COUNT] = {
#define OPTION(kind, field, name, letter, argument, commands, key, help)       \
    {SETTING_KIND_##kind,                                                      \
     name,                                                                     \
     letter,                                                                   \
     argument,                                                                 \
     commands,                                                                 \
     key,                                                                      \
     help,                                                                     \
     offsetof(struct settings, field)},
#include "client/options.def"
};

void settings_init(struct settings *settings)
{
    *settings = (struct settings){.auth = SETTINGS_AUTH_AUTO};
}

void settings_done(struct settings *settings)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        config_list_done(&settings->texts[i]);
    }
    settings_init(settings);
}

bool settings_is_set(const struct settings *settings, enum setting_id id)
{
    return settings->origins[id] != SETTING_FROM_NOWHERE;
}

const struct config_list *settings_text(const struct settings *settings,
                                        enum setting_id id)
{
    return &settings->texts[id];
}

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

bool settings_inherit(struct settings *settings, const struct settings *from)
{
    char fault[SETTINGS_FAULT_MAX];

    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct config_list *texts = &from->texts[id];

        if (settings->origins[id] != SETTING_FROM_NOWHERE) {
            continue;
        }
        for (size_t i = 0; i < texts->count; i++) {
            if (!settings_set(settings, (enum setting_id)id, texts->items[i],
                              from->origins[id], fault)) {
                return false;
            }
        }
    }
    return true;
}
