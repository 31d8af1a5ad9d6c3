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

/* The first one asks, the second one does not wait for an answer. */
static void on_signal(int number)
{
    if (stop.signal != 0) {
        _exit(CLIENT_BY_SIGNAL + number);
    }
    stop_ask(&stop, number);
}

/* What is ignored already, as nohup does it, stays so. */
static void catch_signal(int number)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction old;

    (void)sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
        (void)sigaction(number, &action, NULL);
    }
}

/* Does the command's name stand at the start of the words?  Returns how many
 * of them it is. */
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

/* The command with the longest name that fits; NULL: none. */
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

static int run(struct command_line *line, int argc, char **argv)
{
    int status;

    if (!arguments_read(line, argc, argv)) {
        status = CLIENT_USAGE;
    } else if (line->settings.help) {
        arguments_print_help(line);
        status = CLIENT_DONE;
    } else {
        status = line->command->run(line);
    }
    settings_done(&line->settings);
    return status;
}

/* Without a command: --help, --version, or a mistake. */
static int act_alone(struct say *say, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        say_out(say, "bits %s", BITS_VERSION);
        return CLIENT_DONE;
    }
    if (argc > 1 &&
        (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        arguments_print_commands(say);
        return CLIENT_DONE;
    }
    if (argc > 1) {
        say_error(say, "there is no command %s", argv[1]);
    } else {
        say_error(say, "a command is missing");
    }
    say_error(say, "try bits --help");
    return CLIENT_USAGE;
}

static int act(struct say *say, int argc, char **argv)
{
    struct command_line line = {.say = say, .stop = &stop};
    int words;

    settings_init(&line.settings);
    line.command = find_command(argc - 1, argv + 1, &words);
    return line.command ? run(&line, argc - words, argv + words)
                        : act_alone(say, argc, argv);
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
