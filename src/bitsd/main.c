/*
 * bitsd/main.c: a server for BITS uploads.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bitsd/command_line.h"
#include "bitsd/crash.h"
#include "bitsd/daemon.h"
#include "bitsd/inspect.h"
#include "bitsd/protection.h"
#include "store/local/local.h"

static int print_errors(struct string_list *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        (void)fprintf(stderr, "bitsd: %s\n", errors->items[i]);
    }
    if (errors->count == 0) {
        (void)fprintf(stderr, "bitsd: out of memory\n");
    }
    string_list_done(errors);
    return EXIT_REFUSED;
}

static enum logger_form form_of_file(const struct command_line *line)
{
    return line->config_path &&
                   config_peek_log_format(line->config_path) == CONFIG_LOG_JSON
               ? LOGGER_JSON
               : LOGGER_TEXT;
}

static void log_error(struct logger *logger, const char *words)
{
    logger_say(logger, &(struct log_event){.level = LOG_ERROR,
                                           .event = "configuration",
                                           .words = words});
}

static void log_errors(struct logger *logger, const struct string_list *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        log_error(logger, errors->items[i]);
    }
    if (errors->count == 0) {
        log_error(logger, "out of memory");
    }
}

static void print_lines(const char *label, const struct string_list *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        (void)fprintf(stderr, "bitsd: %s%s\n", label, lines->items[i]);
    }
}

static int approve(const struct command_line *line, const struct config *config)
{
    struct inspection found = {{0}, {0}, {0}};
    bool failed;

    inspect(config, &found);
    print_lines("", &found.errors);
    print_lines("warning: ", &found.warnings);
    print_lines("note: ", &found.notes);
    failed = found.errors.count > 0;
    string_list_done(&found.errors);
    string_list_done(&found.warnings);
    string_list_done(&found.notes);
    if (failed) {
        return EXIT_REFUSED;
    }
    (void)printf("%s: configuration OK\n",
                 line->dir ? line->dir : line->config_path);
    return EXIT_SUCCESS;
}

static int dump(const struct config *config)
{
    if (!config_dump(config, stdout) || fflush(stdout) != 0) {
        perror("bitsd: standard output");
        return EXIT_REFUSED;
    }
    return EXIT_SUCCESS;
}

/* Logs errors in the log_format of the file. */
static int refuse(const struct command_line *line, struct logger *logger,
                  const struct string_list *errors)
{
    logger_configure(logger, LOG_INFO, form_of_file(line));
    log_errors(logger, errors);
    return EXIT_REFUSED;
}

static int run(const struct command_line *line, struct config *config,
               const struct protection *protection, struct logger *logger)
{
    daemon_configure_log(logger, config);
    protection_log(protection, config, &logger->sink);
    return daemon_run(line, config, logger);
}

static int serve(const struct command_line *line)
{
    /* Its thread may outlive main(). */
    static struct logger logger;
    struct protection protection;
    struct string_list errors = {0};
    struct config *config = command_line_load_config(line, &errors);
    int status;
    int error;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    if (config) {
        protection_start(&protection, config);
    }
    error = logger_start(&logger, STDERR_FILENO);
    if (error != 0) {
        (void)fprintf(stderr, "bitsd: cannot start the log's thread: %s\n",
                      strerror(error));
        return EXIT_REFUSED;
    }
    crash_watch(&logger);
    status = config ? run(line, config, &protection, &logger)
                    : refuse(line, &logger, &errors);
    config_unref(config);
    string_list_done(&errors);
    (void)logger_finish(&logger, LOGGER_PATIENCE_MS);
    return status;
}

static int forget(const struct command_line *line, const struct config *config)
{
    const struct store_local_options local = {
        .state_dir = config->server.state_dir, .workers = 1};
    struct fault fault = {.text = ""};
    struct store *store = store_local_open(&local, &fault);
    uint64_t count = 0;
    bool done =
        store && store_local_forget(store, line->prefix, &count, &fault);

    if (store) {
        store->ops->close(store);
    }
    if (!done) {
        (void)fprintf(stderr, "bitsd: %s\n", fault.text);
        return EXIT_REFUSED;
    }
    (void)printf("%s: %" PRIu64 " unfinished upload%s forgotten\n",
                 line->prefix, count, count == 1 ? "" : "s");
    return EXIT_SUCCESS;
}

static int act_on_config(const struct command_line *line)
{
    struct string_list errors = {0};
    struct config *config = command_line_load_config(line, &errors);
    int status;

    if (!config) {
        return print_errors(&errors);
    }
    if (line->action == COMMAND_LINE_TEST_CONFIG) {
        status = approve(line, config);
    } else if (line->action == COMMAND_LINE_DUMP_CONFIG) {
        status = dump(config);
    } else {
        status = forget(line, config);
    }
    config_unref(config);
    string_list_done(&errors);
    return status;
}

static int act(const struct command_line *line)
{
    if (line->action == COMMAND_LINE_VERSION) {
        (void)printf("bitsd %s\n", BITSD_VERSION);
        return EXIT_SUCCESS;
    }
    if (line->action == COMMAND_LINE_HELP) {
        command_line_print_help();
        return EXIT_SUCCESS;
    }
    return line->action == COMMAND_LINE_SERVE ? serve(line)
                                              : act_on_config(line);
}

int main(int argc, char **argv)
{
    struct command_line line;
    int status = command_line_read(&line, argc, argv);

    if (status == 0) {
        status = act(&line);
    }
    command_line_done(&line);
    return status;
}
