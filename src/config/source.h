/*
 * config/source.h: what the file and the command line say, section by
 * section, as text.
 *
 * Each value has been judged on its own; what they amount to together, with
 * defaults and contradictions, is the business of load.c and check.c.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "config/option.h"
#include "config/report.h"

/* The names of the sections. */
#define SECTION_SERVER "server"
#define SECTION_DEFAULTS "defaults"
#define SECTION_UPLOAD "upload"

enum source_kind {
    SOURCE_SERVER,
    SOURCE_DEFAULTS,
    SOURCE_UPLOAD,
};

struct source_value {
    struct config_list texts;
    struct config_origin origin; /* DEFAULT: not given here */
    bool broken;                 /* reported; not to be used */
};

struct source_section {
    enum source_kind kind;
    char *title;   /* UPLOAD */
    unsigned line; /* 0: not from a file */
    struct source_value values[OPTION_COUNT];
};

struct source {
    struct source_section *sections;
    size_t count;
};

void source_done(struct source *source);

/* Appends an empty section.  The pointer is good until the next call.  NULL:
 * out of memory. */
struct source_section *source_add(struct source *source, enum source_kind kind,
                                  const char *title, unsigned line);

/* Adds a text to a value; what is wrong with it is reported.  False: out of
 * memory. */
bool source_put(struct source_section *section, const struct option *option,
                const char *text, struct config_origin origin,
                struct report *report);

/* Reads report->path into the source.  False: it ends in the middle, nothing
 * more can be said about it; errors were reported. */
bool source_read(struct source *source, struct report *report);

#endif
