/*
 * options/report.h: collects errors, each with its place.
 */
#ifndef OPTIONS_REPORT_H
#define OPTIONS_REPORT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "options/list.h"

/* The place of a value or an error. */
struct place {
    const char *path; /* NULL: the command line */
    unsigned line;    /* 0: the file as a whole */
};

struct report {
    struct string_list *lines; /* borrowed */
    bool failed;               /* an error was reported */
};

/* Appends "PATH:LINE: words"; control characters become '?'.  If memory runs
 * out the line is lost, but `failed` is set. */
PRINTF_LIKE(3, 4)
void report_add(struct report *report, struct place place, const char *format,
                ...);

#endif
