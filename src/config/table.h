/*
 * config/table.h: the rows of options.def as a table of options, and the
 * sections of bitsd.conf that contain them.
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "config/config.h"
#include "options/document.h"

enum config_option_id {
#define SERVER(kind, name, def, check, reload, iis, help) CONFIG_OPTION_##name,
#define UPLOAD(kind, name, def, check, reload, iis, help) CONFIG_OPTION_##name,
#include "config/options.def"
#undef SERVER
#undef UPLOAD
    CONFIG_OPTION_COUNT,
};

/* The struct that has the option's field. */
enum config_home {
    CONFIG_HOME_SERVER,
    CONFIG_HOME_UPLOAD,
};

enum config_reload {
    CONFIG_RELOAD_LIVE,
    CONFIG_RELOAD_START,
};

struct config_option {
    struct option_row option;
    enum config_home home;
    enum config_reload reload;
};

/* Indexed by enum config_option_id. */
extern const struct config_option config_options[CONFIG_OPTION_COUNT];

enum config_section {
    CONFIG_SECTION_SERVER,
    CONFIG_SECTION_DEFAULTS,
    CONFIG_SECTION_UPLOAD,
    CONFIG_SECTION_COUNT,
};

/* Indexed by enum config_section; ends with an entry without a name. */
extern const struct section_kind config_sections[CONFIG_SECTION_COUNT + 1];

#endif
