/*
 * options/report.h: collecting what is wrong, with its place.
 */
#ifndef OPTIONS_REPORT_H
#define OPTIONS_REPORT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "options/list.h"

/* Where a value or a mistake stands. */
struct place {
    const char *path; /* NULL: the command line */
    unsigned line;    /* 0: the file as a whole */
};

struct report {
    struct string_list *lines; /* borrowed */
    bool failed;               /* something was wrong */
};

/* Appends "PATH:LINE: words"; control characters become '?'.  A line that finds
 * no memory is lost; the failure is not. */
PRINTF_LIKE(3, 4)
void report_add(struct report *report, struct place place, const char *format,
                ...);

#endif
