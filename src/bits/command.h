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
 * Returns an exit status: one of enum client_exit, or CLIENT_BY_SIGNAL plus the
 * signal's number.
 */
typedef int command_function(const struct command_line *line);

struct command {
    const char *name;  /* one or two words */
    const char *usage; /* the operands, for the help */
    const char *help;  /* one sentence */
    unsigned options;  /* its bit of enum setting_commands */
    command_function *run;
};

/* In the order of the help; the last row has no name. */
extern const struct command commands[];

struct command_line {
    const struct command *command;
    /* From the command line only; command_settings_for_url() adds the
     * configuration. */
    struct settings settings;
    char **operands; /* ends with NULL */
    size_t operand_count;
    struct say *say;
    struct stop *stop; /* requested by SIGINT, SIGTERM and SIGHUP */
};

/* The settings for this URL: from the command line, then the user's file, then
 * the system's.  Prints errors and returns false if a file has some. */
bool command_settings_for_url(const struct command_line *line, const char *url,
                              struct settings *ret_settings);

/* Prints "bits: WORDS\nTry bits COMMAND --help.\n".  Returns CLIENT_USAGE. */
int command_usage(const struct command_line *line, const char *words);

#define COMMAND(name, usage, help, options, function) command_function function;
#include "bits/commands.def"
#undef COMMAND

#endif
