/*
 * bits/commands.c: the table of sub-commands; see commands.def.
 */
#include "bits/command.h"

const struct command commands[] = {
#define COMMAND(name, usage, help, options, function)                          \
    {name, usage, help, options, function},
#include "bits/commands.def"
#undef COMMAND
    {.name = NULL},
};
