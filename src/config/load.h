/*
 * config/load.h: the private half of a configuration, and what load.c and
 * check.c share.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <stdatomic.h>

#include "config/option.h"
#include "config/report.h"

struct section_details {
    unsigned line; /* where the section begins; 0: in no file */
    struct config_origin origins[OPTION_COUNT];
    bool broken[OPTION_COUNT]; /* reported: the value is not what was meant */
};

struct config_details {
    atomic_uint references;
    char *path; /* of the file; NULL: there was none */
    struct section_details server;
    struct section_details *uploads;
};

/* An empty configuration with room for so many uploads and one reference, or
 * NULL. */
struct config *config_new(const char *path, size_t upload_count);

/* Fills in the values that follow from others.  False: out of memory. */
bool config_derive(struct config *config);

/* Reports contradictions.  Broken values are left out: they were reported. */
void config_check(const struct config *config, struct report *report);

#endif
