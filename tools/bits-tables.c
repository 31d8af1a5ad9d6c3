/*
 * tools/bits-tables.c: the options and commands of bits, from options.def and
 * commands.def, for bits(1) and for the completions.
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
 *   @FISH@       fish: a line for each command and each of its options
 *   @ZSH@        zsh: cases that complete the options of a command
 *   @ZSH_TOP@, @ZSH_QUEUE@  zsh: the commands, and those below queue
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

/* --- fish ----------------------------------------------------------------- */

static bool is_in_queue(size_t command)
{
    return strncmp(commands[command].name, "queue ", 6) == 0;
}

/* In single quotes of a shell; `special` are characters that get a
 * back-slash. */
static void print_quoted(const char *text, const char *special)
{
    (void)putchar('\'');
    for (; *text; text++) {
        if (*text == '\'') {
            (void)printf("'\\''");
        } else {
            if (strchr(special, *text)) {
                (void)putchar('\\');
            }
            (void)putchar(*text);
        }
    }
    (void)putchar('\'');
}

static void print_fish_option(size_t command, const struct setting *option)
{
    (void)printf("complete -c bits -n '__bits_at %s' -l %s",
                 commands[command].name, option->option.name);
    if (option->letter != 0) {
        (void)printf(" -s %c", option->letter);
    }
    if (option->argument && option->is_path) {
        (void)printf(" -r -F");
    } else if (option->argument) {
        (void)printf(" -x -a '");
        print_choices(&option->option);
        (void)printf("'");
    }
    (void)printf(" -d ");
    print_quoted(option->help, "");
    (void)putchar('\n');
}

static void print_fish(void)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        bool inner = is_in_queue(i);

        (void)printf("complete -c bits -n '__bits_at %s' -a '%s' -d ",
                     inner ? "queue" : "", commands[i].name + (inner ? 6 : 0));
        print_quoted(commands[i].help, "");
        (void)putchar('\n');
        for (size_t j = 0; j < SETTING_COUNT; j++) {
            if ((settings_table[j].commands & commands[i].at) != 0) {
                print_fish_option(i, &settings_table[j]);
            }
        }
        if (strncmp(commands[i].usage, "FILE", 4) == 0) {
            (void)printf("complete -c bits -n '__bits_at %s' -F\n",
                         commands[i].name);
        } else if (strncmp(commands[i].usage, "ID", 2) == 0) {
            (void)printf("complete -c bits -n '__bits_at %s' -a "
                         "'(__bits_ids)'\n",
                         commands[i].name);
        }
    }
}

/* --- zsh ------------------------------------------------------------------ */

/* One spelling of an option as _arguments takes it. */
static void print_zsh_option(const struct setting *option, const char *spelling)
{
    const char *many = option->option.kind == OPTION_LIST ? "*" : "";

    (void)printf(" \\\n        '%s%s'", many, spelling);
    (void)printf("'['");
    print_quoted(option->help, "[]:\\");
    (void)printf("']'");
    if (option->argument) {
        (void)printf("':'");
        print_quoted(option->argument, ":\\");
        (void)printf("':%s", option->is_path ? "_files" : "(");
        if (!option->is_path) {
            print_choices(&option->option);
            (void)printf(")");
        }
        (void)printf("'");
    }
}

static void print_zsh(void)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)printf("    '%s') _arguments -s", commands[i].name);
        for (size_t j = 0; j < SETTING_COUNT; j++) {
            const struct setting *option = &settings_table[j];
            char spelling[64];

            if ((option->commands & commands[i].at) == 0) {
                continue;
            }
            (void)snprintf(spelling, sizeof(spelling), "--%s%s",
                           option->option.name, option->argument ? "=" : "");
            print_zsh_option(option, spelling);
            if (option->letter != 0) {
                (void)snprintf(spelling, sizeof(spelling), "-%c",
                               option->letter);
                print_zsh_option(option, spelling);
            }
        }
        if (strncmp(commands[i].usage, "FILE", 4) == 0) {
            (void)printf(" \\\n        '*:file:_files'");
        } else if (strncmp(commands[i].usage, "ID", 2) == 0) {
            (void)printf(" \\\n        '*:job:_bits_ids'");
        }
        (void)printf(" ;;\n");
    }
}

static void print_zsh_names(bool inner)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (is_in_queue(i) == inner) {
            (void)printf("        %s:", commands[i].name + (inner ? 6 : 0));
            print_quoted(commands[i].help, ":\\");
            (void)putchar('\n');
        }
    }
}

/* --- the frame ------------------------------------------------------------ */

/* Replaces a mark.  Returns false if the line is not a mark. */
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
    } else if (strcmp(line, "@FISH@\n") == 0) {
        print_fish();
    } else if (strcmp(line, "@ZSH@\n") == 0) {
        print_zsh();
    } else if (strcmp(line, "@ZSH_TOP@\n") == 0) {
        print_zsh_names(/* inner= */ false);
    } else if (strcmp(line, "@ZSH_QUEUE@\n") == 0) {
        print_zsh_names(/* inner= */ true);
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
