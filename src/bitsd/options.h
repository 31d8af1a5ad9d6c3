/*
 * bitsd/options.h: the command line.
 */
#ifndef BITSD_OPTIONS_H
#define BITSD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

enum options_action {
    OPTIONS_SERVE,
    OPTIONS_TEST_CONFIG,
    OPTIONS_DUMP_CONFIG,
    OPTIONS_FORGET_UPLOADS,
    OPTIONS_VERSION,
    OPTIONS_HELP,
};

struct options {
    enum options_action action;
    const char *config_path; /* NULL: there is no file, dir is set */
    char *dir;               /* absolute; owned; NULL: config_path is set */
    const char **listen;     /* owned; the strings are argv's */
    size_t listen_count;
    const char *state_dir; /* NULL: not given */
    const char *prefix;    /* whose uploads are forgotten */
};

/* Exit statuses. */
#define EXIT_REFUSED 1 /* configuration, folder or address */
#define EXIT_USAGE 2

/* 0, or the exit status after standard error was told what is wrong. */
int options_read(struct options *options, int argc, char **argv);
void options_done(struct options *options);

/* The configuration that the options ask for; NULL: what is wrong is in
 * *errors. */
struct config *options_load_config(const struct options *options,
                                   struct string_list *errors);

void options_print_help(void);

#endif
