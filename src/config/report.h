/*
 * config/report.h: collecting what is wrong, with its place.
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "config/config.h"

enum config_origin_kind {
    CONFIG_ORIGIN_DEFAULT,
    CONFIG_ORIGIN_FILE,     /* its own section of the file */
    CONFIG_ORIGIN_DEFAULTS, /* the section `defaults` of the file */
    CONFIG_ORIGIN_COMMAND,  /* the command line */
};

/* Where a value came from. */
struct config_origin {
    enum config_origin_kind kind;
    unsigned line; /* 0: none */
};

struct report {
    struct config_errors *errors; /* borrowed */
    const char *path;             /* of the file; NULL: there is none */
    bool failed;                  /* something was wrong, or memory short */
};

/* Appends "PATH:LINE: words"; control characters become '?'. */
PRINTF_LIKE(3, 4)
void report_add(struct report *report, struct config_origin origin,
                const char *format, ...);

/* Appends a line to the errors.  False: out of memory. */
PRINTF_LIKE(2, 3)
bool config_errors_add(struct config_errors *errors, const char *format, ...);

#endif
