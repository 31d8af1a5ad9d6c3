/*
 * config/config.h: the configuration as the program uses it.
 *
 * A loaded configuration never changes.  It is counted: whoever works under
 * it holds a reference, and a reload puts another one in its place.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A list of strings. */
struct config_list {
    char **items;
    size_t count;
};

/* Free space to leave: the smaller of the two; UINT64_MAX and 100 mean that
 * this half was not given. */
struct config_space {
    uint64_t bytes;
    unsigned percent;
};

/* All choices are int in the structs and hold these constants. */
enum config_choice {
#define CHOICE(kind, word, constant) constant,
#include "config/choices.def"
#undef CHOICE
};

#define CONFIG_TYPE_TEXT char *
#define CONFIG_TYPE_LIST struct config_list
#define CONFIG_TYPE_FLAG bool
#define CONFIG_TYPE_NUMBER uint64_t
#define CONFIG_TYPE_SIZE uint64_t     /* bytes */
#define CONFIG_TYPE_DURATION uint64_t /* seconds */
#define CONFIG_TYPE_MODE unsigned
#define CONFIG_TYPE_SPACE struct config_space
#define CONFIG_TYPE_CHOICE_LOG_FORMAT enum config_choice
#define CONFIG_TYPE_CHOICE_LOG_LEVEL enum config_choice
#define CONFIG_TYPE_CHOICE_ENABLED enum config_choice
#define CONFIG_TYPE_CHOICE_ON_EXISTS enum config_choice
#define CONFIG_TYPE_CHOICE_ZERO_LENGTH enum config_choice
#define CONFIG_TYPE_CHOICE_DURABILITY enum config_choice

struct config_server {
#define SERVER(kind, name, def, reload, iis, help) CONFIG_TYPE_##kind name;
#define UPLOAD(kind, name, def, reload, iis, help)
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

struct config_upload {
    char *prefix; /* the section's title: starts with '/', no '/' at the end
                     unless it is "/"; as the decoded path begins */
#define SERVER(kind, name, def, reload, iis, help)
#define UPLOAD(kind, name, def, reload, iis, help) CONFIG_TYPE_##kind name;
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

struct config {
    struct config_server server;
    struct config_upload *uploads;
    size_t upload_count;
};

#endif
