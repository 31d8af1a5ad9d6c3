/*
 * client/settings/settings.c: see settings.h; how a value is set is in set.c,
 * the table of options in table.c.
 */
#include "client/settings/settings.h"

#include "client/settings/read.h"

/* The defaults read without fault. */
void settings_init(struct settings *settings)
{
    char fault[SETTINGS_FAULT_MAX];

    *settings = (struct settings){0};
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = &settings_table[id];

        if (setting->usual.usual) {
            (void)settings_read(setting, setting->usual.usual,
                                settings_field(settings, (enum setting_id)id),
                                fault);
        }
    }
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
