/*
 * config/compare.c: config_compare().
 */
#include "config/load.h"

int config_compare(const struct config *running, const struct config *next,
                   struct string_list *errors)
{
    int count = 0;

    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        const struct config_option *row = &config_options[i];
        struct fault fault;

        if (row->home != CONFIG_HOME_SERVER ||
            row->reload != CONFIG_RELOAD_START ||
            option_is_same(&row->option, &running->server, &next->server)) {
            continue;
        }
        (void)fault_set(&fault, "%s cannot change on reload; restart bitsd",
                        row->option.name);
        if (!string_list_add(errors, fault.text)) {
            return -1;
        }
        count++;
    }
    return count;
}
