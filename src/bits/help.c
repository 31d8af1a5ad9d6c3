/*
 * bits/help.c: --help, from the tables.  See arguments.h.
 */
#include "bits/arguments.h"

#include <stdio.h>
#include <string.h>

/* The column where the sentences begin. */
#define MARGIN 26

static void print_option(struct say *say, const struct setting *setting)
{
    char label[80];
    char letter[5] = "    ";
    char help[SETTINGS_HELP_MAX];

    if (setting->letter != 0) {
        (void)snprintf(letter, sizeof(letter), "-%c, ", setting->letter);
    }
    (void)snprintf(label, sizeof(label), "  %s--%s%s%s", letter,
                   setting->option.name, setting->argument ? " " : "",
                   setting->argument ? setting->argument : "");
    settings_help(setting, help);
    say_paragraph(say, label, MARGIN, help);
}

static void print_command(struct say *say, const struct command *command)
{
    char label[80];

    (void)snprintf(label, sizeof(label), "  bits %s", command->name);
    say_paragraph(say, label, MARGIN, command->help);
}

/* Prints the commands whose names begin with this one.  Returns false if no
 * name does. */
static bool print_below(struct say *say, const char *name)
{
    size_t len = strlen(name);
    bool some = false;

    for (const struct command *each = commands; each->name; each++) {
        if (strncmp(each->name, name, len) == 0 && each->name[len] == ' ') {
            print_command(say, each);
            some = true;
        }
    }
    return some;
}

void arguments_print_help(const struct command_line *line)
{
    const struct command *command = line->command;

    say_out(line->say, "Usage: bits %s [OPTIONS]%s%s", command->name,
            command->usage[0] ? " " : "", command->usage);
    say_out(line->say, "%s", command->help);
    say_out(line->say, "%s", "");
    if (print_below(line->say, command->name)) {
        say_out(line->say, "%s", "");
    }
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings_table[i].commands & command->options) {
            print_option(line->say, &settings_table[i]);
        }
    }
    say_out(line->say, "%s", "");
    say_out(line->say, "Manual: bits(1).");
}

void arguments_print_commands(struct say *say)
{
    say_out(say, "Usage: bits COMMAND [OPTIONS] ARGUMENTS");
    say_out(say, "A client for BITS uploads: to bitsd, to IIS, to any server "
                 "that speaks BITS.");
    say_out(say, "%s", "");
    for (const struct command *each = commands; each->name; each++) {
        print_command(say, each);
    }
    say_out(say, "%s", "");
    say_out(say, "bits help COMMAND says more; so does the manual, bits(1).");
}
