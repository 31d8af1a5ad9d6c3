/*
 * bits/arguments.h: reads the command line into settings.
 */
#ifndef BITS_ARGUMENTS_H
#define BITS_ARGUMENTS_H

#include "bits/command.h"

/* Reads the options after the sub-command's name; ignores argv[0].  Prints an
 * error and returns false on failure. */
bool arguments_read(struct command_line *line, int argc, char **argv);

/* The help of one command, and of bits as a whole. */
void arguments_print_help(const struct command_line *line);
void arguments_print_commands(struct say *say);

#endif
