/*
 * bitsctl/main.c: the administrator's program.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bitsctl/ctl.h"

/* The last one has no name. */
static const struct ctl_command commands[] = {
#define CTL_COMMAND(name, usage, help, function) {name, usage, help, function},
#include "bitsctl/ctl.def"
#undef CTL_COMMAND
    {NULL, NULL, NULL, NULL},
};

static int print_help(void)
{
    (void)printf("Usage: bitsctl COMMAND ARGUMENTS\n"
                 "Administers bitsd.\n\n");
    for (const struct ctl_command *each = commands; each->name; each++) {
        (void)printf("  bitsctl %s %s\n      %s\n", each->name, each->usage,
                     each->help);
    }
    (void)printf("\n"
                 "  -V, --version  print the version\n"
                 "  -h, --help     print this, as does bitsctl help\n"
                 "\n"
                 "Manual: bitsctl(8).\n");
    return CTL_DONE;
}

static bool is_one_of(const char *word, const char *a, const char *b,
                      const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static const struct ctl_command *find(const char *name)
{
    const struct ctl_command *each = commands;

    while (each->name && strcmp(each->name, name) != 0) {
        each++;
    }
    return each->name ? each : NULL;
}

/* Does a word ask for help, in front of "--"? */
static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    const struct ctl_command *command;

    if (argc < 2) {
        return ctl_usage("name a command");
    }
    if (is_one_of(argv[1], "-h", "--help", "help")) {
        return print_help();
    }
    if (is_one_of(argv[1], "-V", "--version", "--version")) {
        (void)printf("bitsctl %s\n", BITSCTL_VERSION);
        return CTL_DONE;
    }
    command = find(argv[1]);
    if (!command) {
        return ctl_usage("there is no command %s", argv[1]);
    }
    return wants_help(argc - 1, argv + 1) ? print_help()
                                          : command->run(argc - 1, argv + 1);
}
