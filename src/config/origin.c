/*
 * config/origin.c: the origin of an option's value.
 */
#include <stdio.h>
#include <string.h>

#include "config/load.h"

struct place config_place(const struct config *config,
                          const struct section_details *section,
                          enum config_option_id id)
{
    const struct item *item = section->origins[id].item;
    unsigned line = 0;

    if (item) {
        line = item->line;
    } else if (section->section) {
        line = section->section->line;
    }
    return (struct place){line > 0 || !item ? config->details->path : NULL,
                          line};
}

void config_write_place(const struct config *config,
                        const struct config_upload *upload, const char *option,
                        char ret_place[CONFIG_PLACE_MAX])
{
    const struct section_details *details =
        upload ? &config->details->uploads[upload - config->uploads]
               : &config->details->server;
    struct place place = {NULL, 0};

    for (unsigned id = 0; id < CONFIG_OPTION_COUNT; id++) {
        if (strcmp(config_options[id].option.name, option) == 0) {
            place = config_place(config, details, (enum config_option_id)id);
        }
    }
    if (place.line > 0) {
        (void)snprintf(ret_place, CONFIG_PLACE_MAX, "%.200s:%u", place.path,
                       place.line);
    } else {
        (void)snprintf(ret_place, CONFIG_PLACE_MAX, "%.200s",
                       place.path ? place.path : "command line");
    }
}
