/*
 * config/load.h: the private part of a configuration, shared by load.c, check.c
 * and dump.c.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <stdatomic.h>

#include "config/table.h"

/* Where the value of an option was set; NULL: it is the default. */
struct config_origin {
    const struct section *section;
    const struct item *item;
};

struct section_details {
    const struct section *section; /* its own section; NULL: it has none */
    struct config_origin origins[CONFIG_OPTION_COUNT];
};

struct config_details {
    atomic_uint references;
    char *path; /* of the file; NULL: no file */
    struct document command;
    struct document file;
    struct section_details server;
    struct section_details *uploads;
};

/* An empty configuration with one reference, or NULL. */
struct config *config_new(const char *path);

/* Makes room for upload_count uploads.  Returns false if memory ran out. */
bool config_make_room(struct config *config, size_t upload_count);

/* Fills in values that are derived from others.  Returns false if memory ran
 * out. */
bool config_derive(struct config *config);

/* The place of an option's value; if it has none, that of its section or of the
 * file. */
struct place config_place(const struct config *config,
                          const struct section_details *section,
                          enum config_option_id id);

/* Reports contradictions.  Ignores values that had errors. */
void config_check(const struct config *config, struct report *report);

/* The part of config_check() about the users and names of one section. */
void config_check_rights(const struct config *config, size_t index,
                         struct report *report);

#endif
