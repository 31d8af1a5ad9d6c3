/*
 * bits/command.h: a sub-command as a row of commands.def.
 */
#ifndef BITS_COMMAND_H
#define BITS_COMMAND_H

#include "bits/say.h"
#include "client/exit.h"
#include "client/settings/settings.h"
#include "client/stop.h"

struct command_line;

/*
 * Returns an exit status: of enum client_exit, or CLIENT_BY_SIGNAL and the
 * signal's number.
 */
typedef int command_function(const struct command_line *line);

struct command {
    const char *name;  /* one or two words */
    const char *usage; /* what follows the options */
    const char *help;  /* one sentence */
    unsigned options;  /* bit of enum setting_commands */
    command_function *run;
};

/* In the order of the help; the last one has no name. */
extern const struct command commands[];

struct command_line {
    const struct command *command;
    /* Of the command line alone; command_settings_for_url() adds the
     * configuration. */
    struct settings settings;
    char **operands; /* NULL behind the last */
    size_t operand_count;
    struct say *say;
    struct stop *stop; /* asked by SIGINT, SIGTERM and SIGHUP */
};

/* What goes for this URL: the command line, then the user's file, then the
 * system's.  False: something is wrong with the files; it was said. */
bool command_settings_for_url(const struct command_line *line, const char *url,
                              struct settings *ret_settings);

/* "bits: WORDS\nTry bits COMMAND --help.\n"; returns CLIENT_USAGE. */
int command_usage(const struct command_line *line, const char *words);

#define COMMAND(name, usage, help, options, function) command_function function;
#include "bits/commands.def"
#undef COMMAND

#endif
