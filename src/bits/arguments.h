/*
 * bits/arguments.h: from words to settings: the command line.
 */
#ifndef BITS_ARGUMENTS_H
#define BITS_ARGUMENTS_H

#include "bits/command.h"

/* Reads the options behind the sub-command's name; argv[0] is not looked at.
 * False: something is wrong, it was said. */
bool arguments_read(struct command_line *line, int argc, char **argv);

/* The help of one command, and of all. */
void arguments_print_help(const struct command_line *line);
void arguments_print_commands(struct say *say);

#endif
