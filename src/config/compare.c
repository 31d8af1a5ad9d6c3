/*
 * config/compare.c: config_compare().
 */
#include "config/load.h"

int config_compare(const struct config *running, const struct config *next,
                   struct string_list *errors)
{
    struct report report = {.lines = errors};
    size_t before = errors->count;
    int count = 0;

    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        const struct config_option *row = &config_options[i];

        if (row->home != CONFIG_HOME_SERVER ||
            row->reload != CONFIG_RELOAD_START ||
            option_is_same(&row->option, &running->server, &next->server)) {
            continue;
        }
        report_add(&report,
                   config_place(next, &next->details->server,
                                (enum config_option_id)i),
                   "%s cannot change on reload; restart bitsd",
                   row->option.name);
        count++;
    }
    return errors->count - before == (size_t)count ? count : -1;
}
