/*
 * bitsd/options.c: see options.h.
 */
#include "bitsd/options.h"

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
    LONG_VERSION,
    LONG_HELP,
};

void options_print_help(void)
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
        "  --version      print the version\n"
        "  --help         print this\n"
        "\n"
        "Manual: bitsd(8), bitsd.conf(5).\n");
}

static int usage(const char *what, const char *which)
{
    (void)fprintf(stderr, "bitsd: %s%s\nTry bitsd --help.\n", what, which);
    return EXIT_USAGE;
}

/* Takes one option.  0 or an exit status. */
static int take(struct options *options, int option)
{
    switch (option) {
    case 'c':
        options->config_path = optarg;
        return 0;
    case 'l':
        options->listen[options->listen_count++] = optarg;
        return 0;
    case 's':
        options->state_dir = optarg;
        return 0;
    case LONG_TEST_CONFIG:
        options->action = OPTIONS_TEST_CONFIG;
        return 0;
    case LONG_DUMP_CONFIG:
        options->action = OPTIONS_DUMP_CONFIG;
        return 0;
    case LONG_FORGET_UPLOADS:
        options->action = OPTIONS_FORGET_UPLOADS;
        options->prefix = optarg;
        return 0;
    case LONG_VERSION:
        options->action = OPTIONS_VERSION;
        return 0;
    case LONG_HELP:
        options->action = OPTIONS_HELP;
        return 0;
    default:
        /* getopt has said what is wrong. */
        return usage("see the line above", "");
    }
}

static int take_all(struct options *options, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"test-config", no_argument, NULL, LONG_TEST_CONFIG},
        {"dump-config", no_argument, NULL, LONG_DUMP_CONFIG},
        {"forget-uploads", required_argument, NULL, LONG_FORGET_UPLOADS},
        {"version", no_argument, NULL, LONG_VERSION},
        {"help", no_argument, NULL, LONG_HELP},
        {NULL, 0, NULL, 0},
    };
    int status = 0;
    int option;

    while (status == 0 &&
           (option = getopt_long(argc, argv, "c:l:s:", long_options, NULL)) !=
               -1) {
        status = take(options, option);
    }
    return status;
}

/* The folder must exist: bitsd would create a mistyped one, and the user would
 * look for the uploads elsewhere. */
static int find_dir(struct options *options, const char *dir)
{
    struct stat status;

    options->dir = realpath(dir, NULL);
    if (!options->dir) {
        (void)fprintf(stderr, "bitsd: folder %s: %s\n", dir, strerror(errno));
        return EXIT_REFUSED;
    }
    if (stat(options->dir, &status) != 0 || !S_ISDIR(status.st_mode)) {
        (void)fprintf(stderr, "bitsd: %s is not a folder\n", dir);
        return EXIT_REFUSED;
    }
    return 0;
}

static int find_configuration(struct options *options, int argc, char **argv)
{
    if (argc - optind > 1) {
        return usage("there can be one folder only, not also ",
                     argv[optind + 1]);
    }
    if (optind < argc && options->config_path) {
        return usage("with -c the folders are in the configuration file; "
                     "leave out ",
                     argv[optind]);
    }
    if (optind < argc) {
        return find_dir(options, argv[optind]);
    }
    if (!options->config_path) {
        options->config_path = BITSD_DEFAULT_CONFIG;
        if (access(options->config_path, F_OK) != 0) {
            return usage("name a folder that uploads go into, or a "
                         "configuration with -c; there is no ",
                         options->config_path);
        }
    }
    return 0;
}

int options_read(struct options *options, int argc, char **argv)
{
    int status;

    *options = (struct options){.action = OPTIONS_SERVE};
    options->listen = calloc((size_t)argc, sizeof(options->listen[0]));
    if (!options->listen) {
        return usage("out of memory", "");
    }
    status = take_all(options, argc, argv);
    if (status != 0 || options->action == OPTIONS_VERSION ||
        options->action == OPTIONS_HELP) {
        return status;
    }
    return find_configuration(options, argc, argv);
}

void options_done(struct options *options)
{
    free(options->dir);
    free(options->listen);
}

struct config *options_load_config(const struct options *options,
                                   struct string_list *errors)
{
    const struct config_overrides overrides = {
        .listen = options->listen,
        .listen_count = options->listen_count,
        .state_dir = options->state_dir,
    };

    return options->dir ? config_new_simple(options->dir, &overrides, errors)
                        : config_load(options->config_path, &overrides, errors);
}
