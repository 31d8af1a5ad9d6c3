/*
 * bitsd/command_line.c: see command_line.h.
 */
#include "bitsd/command_line.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum long_option {
    LONG_TEST_CONFIG = 256,
    LONG_DUMP_CONFIG,
    LONG_FORGET_UPLOADS,
};

void command_line_print_help(void)
{
    (void)printf(
        "Usage: bitsd [-c FILE] [-l ADDRESS]... [-s STATEDIR] [DIR]\n"
        "Receives BITS uploads, into DIR or as a configuration file says.\n"
        "\n"
        "  DIR            folder that uploads go into; the state is in "
        "DIR/.bitsd\n"
        "  -c FILE        configuration, " BITSD_DEFAULT_CONFIG
        " without -c and DIR\n"
        "  -l ADDRESS     listen here: 127.0.0.1:8080, [::1]:8080, *:8080,\n"
        "                 unix:/path; may be repeated; port 0 takes a free "
        "one\n"
        "  -s STATEDIR    folder of the session index\n"
        "  --test-config  check the configuration and exit\n"
        "  --dump-config  print every option with its value and origin\n"
        "  --forget-uploads PREFIX\n"
        "                 give up the unfinished uploads to PREFIX and exit;\n"
        "                 bitsd must be stopped\n"
        "  -V, --version  print the version\n"
        "  -h, --help     print this, as does bitsd help\n"
        "\n"
        "Manual: bitsd(8), bitsd.conf(5).\n");
}

static int usage(const char *what, const char *which)
{
    (void)fprintf(stderr, "bitsd: %s%s\nTry bitsd --help.\n", what, which);
    return EXIT_USAGE;
}

/* Takes one option.  Returns 0 or an exit status. */
static int take(struct command_line *line, int option)
{
    switch (option) {
    case 'c':
        line->config_path = optarg;
        return 0;
    case 'l':
        line->listen[line->listen_count++] = optarg;
        return 0;
    case 's':
        line->state_dir = optarg;
        return 0;
    case LONG_TEST_CONFIG:
        line->action = COMMAND_LINE_TEST_CONFIG;
        return 0;
    case LONG_DUMP_CONFIG:
        line->action = COMMAND_LINE_DUMP_CONFIG;
        return 0;
    case LONG_FORGET_UPLOADS:
        line->action = COMMAND_LINE_FORGET_UPLOADS;
        line->prefix = optarg;
        return 0;
    case 'V':
        line->action = COMMAND_LINE_VERSION;
        return 0;
    case 'h':
        line->action = COMMAND_LINE_HELP;
        return 0;
    default:
        /* getopt has printed the error. */
        return usage("see the line above", "");
    }
}

static int take_all(struct command_line *line, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"test-config", no_argument, NULL, LONG_TEST_CONFIG},
        {"dump-config", no_argument, NULL, LONG_DUMP_CONFIG},
        {"forget-uploads", required_argument, NULL, LONG_FORGET_UPLOADS},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int status = 0;
    int option;

    while (status == 0 && (option = getopt_long(argc, argv, "c:hl:s:V",
                                                long_options, NULL)) != -1) {
        status = take(line, option);
    }
    return status;
}

/* The folder must exist: if bitsd created a mistyped one, the user would look
 * for the uploads elsewhere. */
static int find_dir(struct command_line *line, const char *dir)
{
    struct stat status;

    line->dir = realpath(dir, NULL);
    if (!line->dir) {
        (void)fprintf(stderr, "bitsd: folder %s: %s\n", dir, strerror(errno));
        return EXIT_REFUSED;
    }
    if (stat(line->dir, &status) != 0 || !S_ISDIR(status.st_mode)) {
        (void)fprintf(stderr, "bitsd: %s is not a folder\n", dir);
        return EXIT_REFUSED;
    }
    return 0;
}

static int find_configuration(struct command_line *line, int argc, char **argv)
{
    if (argc - optind > 1) {
        return usage("there can be one folder only, not also ",
                     argv[optind + 1]);
    }
    if (optind < argc && line->config_path) {
        return usage("with -c the folders are in the configuration file; "
                     "leave out ",
                     argv[optind]);
    }
    if (optind < argc) {
        return find_dir(line, argv[optind]);
    }
    if (!line->config_path) {
        line->config_path = BITSD_DEFAULT_CONFIG;
        if (access(line->config_path, F_OK) != 0) {
            return usage("name a folder that uploads go into, or a "
                         "configuration with -c; there is no ",
                         line->config_path);
        }
    }
    return 0;
}

int command_line_read(struct command_line *line, int argc, char **argv)
{
    int status;

    *line = (struct command_line){.action = COMMAND_LINE_SERVE};
    line->listen = calloc((size_t)argc, sizeof(line->listen[0]));
    if (!line->listen) {
        return usage("out of memory", "");
    }
    if (argc == 2 && strcmp(argv[1], "help") == 0) {
        line->action = COMMAND_LINE_HELP;
        return 0;
    }
    status = take_all(line, argc, argv);
    if (status != 0 || line->action == COMMAND_LINE_VERSION ||
        line->action == COMMAND_LINE_HELP) {
        return status;
    }
    return find_configuration(line, argc, argv);
}

void command_line_done(struct command_line *line)
{
    free(line->dir);
    free(line->listen);
}

struct config *command_line_load_config(const struct command_line *line,
                                        struct string_list *errors)
{
    const struct config_overrides overrides = {
        .listen = line->listen,
        .listen_count = line->listen_count,
        .state_dir = line->state_dir,
    };

    return line->dir ? config_new_simple(line->dir, &overrides, errors)
                     : config_load(line->config_path, &overrides, errors);
}
