/*
 * config/load.h: the private half of a configuration, and what load.c,
 * check.c and dump.c share.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <stdatomic.h>

#include "config/table.h"

/* Where the value of an option stands; NULL: it is the default. */
struct config_origin {
    const struct section *section;
    const struct item *item;
};

struct section_details {
    const struct section *section; /* its own; NULL: there is none */
    struct config_origin origins[CONFIG_OPTION_COUNT];
};

struct config_details {
    atomic_uint references;
    char *path; /* of the file; NULL: there was none */
    struct document command;
    struct document file;
    struct section_details server;
    struct section_details *uploads;
};

/* An empty configuration with one reference, or NULL. */
struct config *config_new(const char *path);

/* Makes room for so many uploads.  False: out of memory. */
bool config_make_room(struct config *config, size_t upload_count);

/* Fills in the values that follow from others.  False: out of memory. */
bool config_derive(struct config *config);

/* The place of an option's value, or else that of its section, or the file. */
struct place config_place(const struct config *config,
                          const struct section_details *section,
                          enum config_option_id id);

/* Reports contradictions.  Broken values are left out. */
void config_check(const struct config *config, struct report *report);

#endif
