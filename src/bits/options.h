/*
 * bits/options.h: from words to settings: the command line and the two
 * configuration files.
 */
#ifndef BITS_OPTIONS_H
#define BITS_OPTIONS_H

#include "bits/command.h"

/* Reads the options behind the sub-command's name; argv[0] is not looked at.
 * False: something is wrong, it was said. */
bool options_read(struct command_line *line, int argc, char **argv);

/* The help of one command, and of all. */
void options_print_help(const struct command_line *line);
void options_print_commands(struct say *say);

/* Takes from the file what goes for the URL and is not set yet.  A file that
 * is not there is empty.  False: something is wrong, it was said. */
bool options_read_file(struct say *say, const char *path, const char *url,
                       struct settings *settings);

/* Does the URL lie below the prefix, by whole segments?  Scheme and host in
 * any case; a port that is the scheme's own may be left out. */
bool options_url_is_below(const char *url, const char *prefix);

#endif
