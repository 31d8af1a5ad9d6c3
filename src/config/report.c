/*
 * config/report.c: see report.h.
 */
#include "config/report.h"

#include <stdarg.h>
#include <stdlib.h>

#include "config/list.h"

void config_errors_done(struct config_errors *errors)
{
    struct config_list list = {errors->items, errors->count};

    config_list_done(&list);
    *errors = (struct config_errors){0};
}

static void make_printable(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

static bool add_line(struct config_errors *errors, char *line)
{
    struct config_list list = {errors->items, errors->count};
    bool added;

    make_printable(line);
    added = config_list_add(&list, line);
    *errors = (struct config_errors){list.items, list.count};
    return added;
}

bool config_errors_add(struct config_errors *errors, const char *format, ...)
{
    va_list arguments;
    char *line;
    bool added;
    int length;

    va_start(arguments, format);
    length = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return false;
    }
    added = add_line(errors, line);
    free(line);
    return added;
}

static bool add_at(struct report *report, struct config_origin origin,
                   const char *words)
{
    if (origin.kind == CONFIG_ORIGIN_COMMAND || !report->path) {
        return config_errors_add(report->errors, "command line: %s", words);
    }
    if (origin.line == 0) {
        return config_errors_add(report->errors, "%s: %s", report->path, words);
    }
    return config_errors_add(report->errors, "%s:%u: %s", report->path,
                             origin.line, words);
}

void report_add(struct report *report, struct config_origin origin,
                const char *format, ...)
{
    va_list arguments;
    char *words;
    int r;

    report->failed = true;
    va_start(arguments, format);
    r = vasprintf(&words, format, arguments);
    va_end(arguments);
    if (r < 0) {
        return;
    }
    /* A line that finds no memory is lost; the failure is not. */
    (void)add_at(report, origin, words);
    free(words);
}
