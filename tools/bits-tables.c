/*
 * tools/bits-tables.c: the options and commands of bits, from options.def and
 * commands.def, for bits(1) and for the bash completion.
 *
 *     bits-tables < FRAME > PAGE
 *
 * Copies the frame from standard input to standard output and puts these in
 * place of lines that are
 *   @COMMANDS@   scdoc: a line for each command
 *   @CONNECT@    scdoc: the options of uploads and of the doctor
 *   @SEND@       scdoc: those of uploads alone
 *   @OTHER@      scdoc: the rest
 *   @KEYS@       scdoc: names that may stand in a configuration file
 *   @WORDS@      bash: cases that print the options of a command
 *   @ARGUMENTS@  bash: cases that say what an option wants
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "client/settings/settings.h"

struct command {
    const char *name;
    const char *usage;
    const char *help;
    unsigned at;
};

static const struct command commands[] = {
#define COMMAND(name, usage, help, options, function)                          \
    {name, usage, help, options},
#include "bits/commands.def"
#undef COMMAND
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* scdoc reads these as marks. */
static void print_escaped(const char *text)
{
    for (; *text; text++) {
        if (strchr("\\*_<`#[]|", *text)) {
            (void)putchar('\\');
        }
        (void)putchar(*text);
    }
}

/* --- the page ------------------------------------------------------------- */

static void print_commands(void)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)printf("*bits %s*", commands[i].name);
        if (commands[i].usage[0] != '\0') {
            (void)printf(" [_options_] ");
            print_escaped(commands[i].usage);
        }
        (void)printf("\n\t");
        print_escaped(commands[i].help);
        (void)printf("\n\n");
    }
}

static void print_argument(const struct setting *option)
{
    if (option->argument) {
        (void)printf(" _");
        print_escaped(option->argument);
        (void)printf("_");
    }
}

/* The commands that take it, if the heading does not say them. */
static void print_takers(const struct setting *option)
{
    const char *between = "\tFor ";

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if ((option->commands & commands[i].at) != 0 &&
            option->commands != AT_ALL) {
            (void)printf("%s*%s*", between, commands[i].name);
            between = ", ";
        }
    }
    if (option->commands != AT_ALL) {
        (void)printf(".\n");
    }
}

static void print_entry(const struct setting *option, bool with_takers)
{
    char help[SETTINGS_HELP_MAX];

    if (option->letter != 0) {
        (void)printf("*-%c*, ", option->letter);
    }
    (void)printf("*--%s*", option->option.name);
    print_argument(option);
    (void)printf("\n\t");
    settings_help(option, help);
    print_escaped(help);
    (void)putchar('\n');
    if (with_takers) {
        print_takers(option);
    }
    (void)putchar('\n');
}

static void print_options(unsigned all, unsigned none)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        unsigned taken = settings_table[i].commands;

        if ((taken & all) == all && (taken & none) == 0) {
            print_entry(&settings_table[i], /* with_takers= */ false);
        }
    }
}

/* Those that are in neither of the two lists above. */
static void print_others(void)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        unsigned taken = settings_table[i].commands;

        if ((taken & AT_CONNECT) != AT_CONNECT &&
            ((taken & AT_SEND) != AT_SEND || (taken & AT_DOCTOR) != 0)) {
            print_entry(&settings_table[i], /* with_takers= */ true);
        }
    }
}

static void print_keys(void)
{
    const char *between = "";

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings_table[i].is_key) {
            (void)printf("%s*%s*", between, settings_table[i].option.name);
            between = ", ";
        }
    }
    (void)printf(".\n");
}

/* --- the completion ------------------------------------------------------- */

static void print_words(void)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *between = "";

        (void)printf("    '%s') echo \"", commands[i].name);
        for (size_t j = 0; j < SETTING_COUNT; j++) {
            if ((settings_table[j].commands & commands[i].at) != 0) {
                (void)printf("%s--%s", between, settings_table[j].option.name);
                between = " ";
            }
        }
        (void)printf("\" ;;\n");
    }
}

static void print_patterns(const struct setting *option)
{
    if (option->letter != 0) {
        (void)printf("    -%c|--%s) ", option->letter, option->option.name);
    } else {
        (void)printf("    --%s) ", option->option.name);
    }
}

/* The words that an option takes, but for numbers. */
static void print_choices(const struct option_row *option)
{
    for (const struct option_word *word = option->words; word->word; word++) {
        if (strcmp(word->set, option->set) == 0) {
            (void)printf(" %s", word->word);
        }
    }
    if (option->def && strcmp(option->def, "auto") == 0 &&
        option->kind == OPTION_SIZE) {
        (void)printf(" auto");
    }
}

static void print_arguments(void)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings_table[i].argument) {
            print_patterns(&settings_table[i]);
            (void)printf(settings_table[i].is_path ? "echo file"
                                                   : "echo words");
            print_choices(&settings_table[i].option);
            (void)printf(" ;;\n");
        }
    }
}

/* --- the frame ------------------------------------------------------------ */

/* Fills a mark in.  False: it is none. */
static bool fill(const char *line)
{
    if (strcmp(line, "@COMMANDS@\n") == 0) {
        print_commands();
    } else if (strcmp(line, "@CONNECT@\n") == 0) {
        print_options(AT_CONNECT, 0);
    } else if (strcmp(line, "@SEND@\n") == 0) {
        print_options(AT_SEND, AT_DOCTOR);
    } else if (strcmp(line, "@OTHER@\n") == 0) {
        print_others();
    } else if (strcmp(line, "@KEYS@\n") == 0) {
        print_keys();
    } else if (strcmp(line, "@WORDS@\n") == 0) {
        print_words();
    } else if (strcmp(line, "@ARGUMENTS@\n") == 0) {
        print_arguments();
    } else {
        return false;
    }
    return true;
}

int main(void)
{
    char line[1024];

    while (fgets(line, sizeof(line), stdin)) {
        if (!fill(line)) {
            (void)fputs(line, stdout);
        }
    }
    return ferror(stdin) || fflush(stdout) != 0;
}
