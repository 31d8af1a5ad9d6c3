/*
 * bitsctl/ctl.h: what the commands of bitsctl share.
 */
#ifndef BITSCTL_CTL_H
#define BITSCTL_CTL_H

#include "base/compiler.h"

/* Exit statuses. */
#define CTL_DONE 0
#define CTL_FAILED 1
#define CTL_USAGE 2

/* Runs a command with its arguments, as main() gets them; argv[0] is its name.
 * Returns an exit status. */
typedef int ctl_function(int argc, char **argv);

struct ctl_command {
    const char *name;
    const char *usage; /* what follows the name */
    const char *help;  /* one sentence */
    ctl_function *run;
};

/* Print "bitsctl: WORDS" to standard error and return the status.  ctl_usage()
 * also says where help is, and returns CTL_USAGE. */
PRINTF_LIKE(2, 3)
int ctl_say(int status, const char *format, ...);
PRINTF_LIKE(1, 2)
int ctl_usage(const char *format, ...);

#define CTL_COMMAND(name, usage, help, function) ctl_function function;
#include "bitsctl/ctl.def"
#undef CTL_COMMAND

#endif
