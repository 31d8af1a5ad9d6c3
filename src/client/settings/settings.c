/*
 * client/settings/settings.c: see settings.h; how a value is set is in set.c,
 * the table of options in options.c.
 */
#include "client/settings/settings.h"

/* The defaults are always valid. */
void settings_init(struct settings *settings)
{
    struct fault fault;

    *settings = (struct settings){0};
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct option_row *option = &settings_table[id].option;

        if (option->def) {
            (void)option_set(option, settings, option->def, &fault);
        }
    }
}

void settings_done(struct settings *settings)
{
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        option_clear(&settings_table[id].option, settings);
        string_list_done(&settings->texts[id]);
    }
    settings_init(settings);
}

bool settings_is_set(const struct settings *settings, enum setting_id id)
{
    return settings->origins[id] != SETTING_FROM_NOWHERE;
}

const struct string_list *settings_text(const struct settings *settings,
                                        enum setting_id id)
{
    return &settings->texts[id];
}

bool settings_inherit(struct settings *settings, const struct settings *from)
{
    struct fault fault;

    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct string_list *texts = &from->texts[id];

        if (settings->origins[id] != SETTING_FROM_NOWHERE) {
            continue;
        }
        for (size_t i = 0; i < texts->count; i++) {
            if (!settings_set(settings, (enum setting_id)id, texts->items[i],
                              from->origins[id], &fault)) {
                return false;
            }
        }
    }
    return true;
}
