/*
 * options/report.c: see report.h.
 */
#include "options/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void make_printable(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

void report_add(struct report *report, struct place place, const char *format,
                ...)
{
    char *line = NULL;
    size_t size;
    FILE *stream = open_memstream(&line, &size);
    va_list arguments;

    report->failed = true;
    if (!stream) {
        return;
    }
    (void)fputs(place.path ? place.path : "command line", stream);
    if (place.path && place.line > 0) {
        (void)fprintf(stream, ":%u", place.line);
    }
    (void)fputs(": ", stream);
    va_start(arguments, format);
    (void)vfprintf(stream, format, arguments);
    va_end(arguments);
    if (fclose(stream) == 0) {
        make_printable(line);
        (void)string_list_add(report->lines, line);
    }
    free(line);
}
