/*
 * config/compare.c: config_compare().
 */
#include "config/load.h"

int config_compare(const struct config *running, const struct config *next,
                   struct config_errors *errors)
{
    int count = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];

        if (option->home != OPTION_HOME_SERVER ||
            option->reload != OPTION_RELOAD_START ||
            option_is_same(option, &running->server, &next->server)) {
            continue;
        }
        if (!config_errors_add(errors,
                               "%s cannot change on reload; restart bitsd",
                               option->name)) {
            return -1;
        }
        count++;
    }
    return count;
}
