/*
 * bitsd/command_line.h: the command line.
 */
#ifndef BITSD_COMMAND_LINE_H
#define BITSD_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

enum command_line_action {
    COMMAND_LINE_SERVE,
    COMMAND_LINE_TEST_CONFIG,
    COMMAND_LINE_DUMP_CONFIG,
    COMMAND_LINE_FORGET_UPLOADS,
    COMMAND_LINE_VERSION,
    COMMAND_LINE_HELP,
};

struct command_line {
    enum command_line_action action;
    const char *config_path; /* NULL: no file, dir is set */
    char *dir;               /* absolute; owned; NULL: config_path is set */
    const char **listen;     /* owned; the strings are argv's */
    size_t listen_count;
    const char *state_dir; /* NULL: not given */
    const char *prefix;    /* the section whose uploads are forgotten */
};

/* Exit statuses. */
#define EXIT_REFUSED 1 /* configuration, folder or address */
#define EXIT_USAGE 2
#define EXIT_UNFINISHED 3 /* the store did not end */

/* Returns 0, or the exit status after printing an error. */
int command_line_read(struct command_line *line, int argc, char **argv);
void command_line_done(struct command_line *line);

/* Loads the configuration that the options select.  Returns NULL with the
 * errors in *errors if that failed. */
struct config *command_line_load_config(const struct command_line *line,
                                        struct string_list *errors);

void command_line_print_help(void);

#endif
