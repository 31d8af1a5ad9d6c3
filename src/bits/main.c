/*
 * bits/main.c: a client for BITS uploads.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bits/arguments.h"
#include "bits/command.h"

/* For the signal handler. */
static struct stop stop;

/* The first signal requests a stop, the second one ends the program at once. */
static void on_signal(int number)
{
    if (stop.signal != 0) {
        _exit(CLIENT_BY_SIGNAL + number);
    }
    stop_ask(&stop, number);
}

/* Keeps ignoring a signal that is ignored already, for example under nohup. */
static void catch_signal(int number)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction old;

    (void)sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
        (void)sigaction(number, &action, NULL);
    }
}

/* Returns how many of the words are the command's name; 0: it does not
 * match. */
static int match(const struct command *command, int count, char **words)
{
    const char *blank = strchr(command->name, ' ');
    size_t len =
        blank ? (size_t)(blank - command->name) : strlen(command->name);

    if (count < 1 || strlen(words[0]) != len ||
        strncmp(words[0], command->name, len) != 0) {
        return 0;
    }
    if (!blank) {
        return 1;
    }
    return count > 1 && strcmp(words[1], blank + 1) == 0 ? 2 : 0;
}

/* The matching command with the longest name.  Returns NULL if none matches. */
static const struct command *find_command(int count, char **words,
                                          int *ret_words)
{
    const struct command *found = NULL;

    *ret_words = 0;
    for (const struct command *each = commands; each->name; each++) {
        int matched = match(each, count, words);

        if (matched > *ret_words) {
            found = each;
            *ret_words = matched;
        }
    }
    return found;
}

static int print_version(struct say *say)
{
    say_out(say, "bits %s", BITS_VERSION);
    return CLIENT_DONE;
}

static int run(struct command_line *line, int argc, char **argv)
{
    int status = CLIENT_DONE;

    if (!arguments_read(line, argc, argv)) {
        status = CLIENT_USAGE;
    } else if (line->settings.help) {
        arguments_print_help(line);
    } else if (line->settings.version) {
        status = print_version(line->say);
    } else {
        status = line->command->run(line);
    }
    settings_done(&line->settings);
    return status;
}

static bool is_word(const char *word, const char *either, const char * or)
{
    return strcmp(word, either) == 0 || strcmp(word, or) == 0;
}

static int refuse(struct say *say, const char *group, const char *word)
{
    say_error(say, "there is no command %s%s%s", group ? group : "",
              group ? " " : "", word);
    say_error(say, "try bits %s%s--help", group ? group : "", group ? " " : "");
    return CLIENT_USAGE;
}

/* Returns true if this command has sub-commands and the words name none of
 * them. */
static bool is_unknown_below(const struct command *command, int count,
                             char **words)
{
    size_t len = strlen(command->name);
    bool is_group = false;

    for (const struct command *each = commands; each->name; each++) {
        is_group |= strncmp(each->name, command->name, len) == 0 &&
                    each->name[len] == ' ';
    }
    return is_group && count > 0 && words[0][0] != '-';
}

/* bits help [COMMAND]; the words come after "help". */
static int help(struct command_line *line, int count, char **words)
{
    int used;

    line->command = find_command(count, words, &used);
    if (count == 0) {
        arguments_print_commands(line->say);
    } else if (!line->command) {
        return refuse(line->say, NULL, words[0]);
    } else if (used < count) {
        return refuse(line->say, line->command->name, words[used]);
    } else {
        arguments_print_help(line);
    }
    return CLIENT_DONE;
}

/* Without a command: help, version, or a usage error. */
static int act_alone(struct command_line *line, int argc, char **argv)
{
    if (argc < 2) {
        say_error(line->say, "a command is missing");
        say_error(line->say, "try bits --help");
        return CLIENT_USAGE;
    }
    if (is_word(argv[1], "--version", "-V")) {
        return print_version(line->say);
    }
    if (is_word(argv[1], "--help", "-h")) {
        return help(line, 0, NULL);
    }
    if (strcmp(argv[1], "help") == 0) {
        return help(line, argc - 2, argv + 2);
    }
    return refuse(line->say, NULL, argv[1]);
}

static int act(struct say *say, int argc, char **argv)
{
    struct command_line line = {.say = say, .stop = &stop};
    int words;

    line.command = find_command(argc - 1, argv + 1, &words);
    argc -= words;
    argv += words;
    if (!line.command) {
        return act_alone(&line, argc, argv);
    }
    if (is_unknown_below(line.command, argc - 1, argv + 1)) {
        return strcmp(argv[1], "help") == 0
                   ? help(&line, words, argv + 1 - words)
                   : refuse(say, line.command->name, argv[1]);
    }
    settings_init(&line.settings);
    return run(&line, argc, argv);
}

int main(int argc, char **argv)
{
    struct say say;
    int status;

    say_init(&say, stdout, stderr);
    if (!stop_init(&stop)) {
        say_error(&say, "no file descriptor is left");
        return CLIENT_LOCAL;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    catch_signal(SIGHUP);
    status = act(&say, argc, argv);
    if (!say_out_arrived(&say) && status == CLIENT_DONE) {
        status = CLIENT_LOCAL;
    }
    stop_done(&stop);
    return status;
}
