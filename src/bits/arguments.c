/*
 * bits/arguments.c: the command line, by getopt_long() and the table of
 * settings.  See arguments.h.
 */
#include "bits/arguments.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Above any letter: the base of getopt_long()'s results for long options. */
#define LONG_BASE 256

struct getopt_table {
    struct option longs[SETTING_COUNT + 1];
    char shorts[2 + 2 * SETTING_COUNT + 1];
};

static void fill_table(struct getopt_table *table, unsigned command)
{
    size_t letters = 0;
    size_t count = 0;

    *table = (struct getopt_table){.shorts = ":"};
    letters = 1;
    for (int id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = &settings_table[id];

        if ((setting->commands & command) == 0) {
            continue;
        }
        table->longs[count++] = (struct option){
            .name = setting->option.name,
            .has_arg = setting->argument ? required_argument : no_argument,
            .val = LONG_BASE + id,
        };
        if (setting->letter != 0) {
            table->shorts[letters++] = setting->letter;
        }
        if (setting->letter != 0 && setting->argument) {
            table->shorts[letters++] = ':';
        }
    }
}

/* From a result of getopt_long(). */
static enum setting_id id_of(int option)
{
    int id = option - LONG_BASE;

    if (option < LONG_BASE) {
        id = 0;
        while (settings_table[id].letter != option) {
            id++;
        }
    }
    return (enum setting_id)id;
}

static bool say_unknown(const struct command_line *line, int option,
                        const char *word)
{
    if (option == ':') {
        say_error(line->say, "%s: it needs an argument", word);
    } else if (optopt >= LONG_BASE) {
        say_error(line->say, "%s: it takes no argument", word);
    } else if (optopt != 0) {
        say_error(line->say, "bits %s has no option -%c", line->command->name,
                  optopt);
    } else {
        say_error(line->say, "bits %s has no option %s", line->command->name,
                  word);
    }
    return false;
}

static bool take(struct command_line *line, int option)
{
    enum setting_id id = id_of(option);
    struct fault fault;

    if (settings_set(&line->settings, id, optarg ? optarg : "yes",
                     SETTING_FROM_COMMAND, &fault)) {
        return true;
    }
    say_error(line->say, "--%s: %s", settings_table[id].option.name,
              fault.text);
    return false;
}

static bool is_negative_number(const char *word)
{
    return word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

/* Moves the options before the operands; a negative number counts as an
 * operand.  Only for commands whose options take no argument.  Returns how many
 * words getopt_long() must read. */
static int set_operands_aside(int argc, char **argv)
{
    bool all_operands = false; /* after "--" */
    int end = 1;

    for (int i = 1; i < argc && !all_operands; i++) {
        char *word = argv[i];

        all_operands = strcmp(word, "--") == 0;
        if (word[0] == '-' && !is_negative_number(word)) {
            memmove(argv + end + 1, argv + end,
                    (size_t)(i - end) * sizeof(argv[0]));
            argv[end++] = word;
        }
    }
    return end;
}

/* The word of the last option; its argument may be a word of its own. */
static const char *word_read(char **argv)
{
    return argv[optarg == argv[optind - 1] ? optind - 2 : optind - 1];
}

/* getopt_long() accepts any unique start of a name, so --password would be read
 * as --password-file. */
static bool is_whole(const struct command_line *line, int option, char **argv)
{
    const char *word = word_read(argv);
    const char *name;

    if (option < LONG_BASE) {
        return true;
    }
    name = settings_table[id_of(option)].option.name;
    if (strcspn(word + 2, "=") == strlen(name)) {
        return true;
    }
    say_error(line->say, "bits %s has no option %.*s; there is --%s",
              line->command->name, (int)strcspn(word, "="), word, name);
    return false;
}

bool arguments_read(struct command_line *line, int argc, char **argv)
{
    struct getopt_table table;
    bool good = true;
    int option = 0;
    int operands = argc;

    if (line->command->options == AT_EXPLAIN) {
        argc = set_operands_aside(argc, argv);
    }
    fill_table(&table, line->command->options);
    opterr = 0;
    while (good && (option = getopt_long(argc, argv, table.shorts, table.longs,
                                         NULL)) != -1) {
        good = option == ':' || option == '?'
                   ? say_unknown(line, option, argv[optind - 1])
                   : is_whole(line, option, argv) && take(line, option);
    }
    line->operands = argv + optind;
    line->operand_count = (size_t)(operands - optind);
    line->say->json = line->settings.json;
    line->say->quiet = line->settings.quiet;
    line->say->verbose = line->settings.verbose;
    if (!good) {
        say_error(line->say, "try bits %s --help", line->command->name);
    }
    return good;
}

static char *path_of_user_file(void)
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int r = -1;

    if (folder && folder[0] == '/') {
        r = asprintf(&path, "%s/bits/config", folder);
    } else if (home && home[0] == '/') {
        r = asprintf(&path, "%s/.config/bits/config", home);
    }
    return r < 0 ? NULL : path;
}

/* Prints errors and returns false on failure. */
static bool read_file(struct say *say, struct settings *settings,
                      const char *path, const char *url)
{
    struct string_list errors = {0};
    bool good = settings_read_file(settings, path, url, &errors);

    for (size_t i = 0; i < errors.count; i++) {
        say_error(say, "%s", errors.items[i]);
    }
    string_list_done(&errors);
    return good;
}

bool command_settings_for_url(const struct command_line *line, const char *url,
                              struct settings *ret_settings)
{
    char *user_file = path_of_user_file();
    bool good;

    settings_init(ret_settings);
    good = settings_inherit(ret_settings, &line->settings) &&
           (!user_file || read_file(line->say, ret_settings, user_file, url)) &&
           read_file(line->say, ret_settings, BITS_SYSTEM_CONFIG, url);
    if (!good) {
        settings_done(ret_settings);
    }
    free(user_file);
    return good;
}

int command_usage(const struct command_line *line, const char *words)
{
    say_error(line->say, "%s", words);
    say_error(line->say, "usage: bits %s [OPTIONS] %s", line->command->name,
              line->command->usage);
    say_error(line->say, "try bits %s --help", line->command->name);
    return CLIENT_USAGE;
}
