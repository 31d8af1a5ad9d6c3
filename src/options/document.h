/*
 * options/document.h: a configuration file in memory: sections, and their
 * options as text.  The command line is such a document too.
 *
 * The program defines which sections exist.  Reading checks each value alone;
 * the program checks them against each other.
 */
#ifndef OPTIONS_DOCUMENT_H
#define OPTIONS_DOCUMENT_H

#include "options/option.h"
#include "options/report.h"

/* A kind of section that a file may have.  A table of kinds ends with one
 * without a name. */
struct section_kind {
    const char *name;
    /* NULL: one section without a title.  Otherwise returns false with the
     * reason if the title is not valid. */
    bool (*judge_title)(const char *title, struct fault *ret_fault);
    /* The option of that name in such a section, or NULL. */
    const struct option_row *(*find)(const char *name);
    bool (*judge)(const struct option_row *option, const char *text,
                  struct fault *ret_fault);
};

/* One text of an option; LIST and CHOICES have several. */
struct item {
    const struct option_row *option;
    char *text;    /* owned; NULL: an empty list */
    unsigned line; /* 0: not from a file */
    bool begins;   /* the first of an assignment that does not append */
    bool broken;   /* an error was reported; do not use */
};

struct section {
    const struct section_kind *kind;
    char *title;   /* owned; NULL: the kind has no titles */
    unsigned line; /* where it begins; 0: not from a file */
    struct item *items;
    size_t item_count;
};

struct document {
    const char *path; /* borrowed; NULL: the command line */
    struct section *sections;
    size_t section_count;
};

void document_done(struct document *document);

/* Appends an empty section.  The pointer is valid until the next call.  Returns
 * NULL if memory ran out. */
struct section *document_add(struct document *document,
                             const struct section_kind *kind, const char *title,
                             unsigned line);

/* Appends the item with a copy of the text, which may be NULL.  Returns false
 * if memory ran out. */
bool section_add(struct section *section, const struct item *item,
                 const char *text);

/* Reads document->path.  Reports errors and marks the broken parts.  Returns
 * false if the file cannot be read to its end. */
bool document_read(struct document *document, const struct section_kind *kinds,
                   struct report *report);

/* Reports errors of single parts, and duplicates. */
void document_judge(struct document *document, struct report *report);

/* The first text of the option, or NULL. */
const struct item *section_find(const struct section *section,
                                const struct option_row *option);

/* Returns true if a text of the option has an error. */
bool section_is_broken(const struct section *section,
                       const struct option_row *option);

/* Sets the option's field to the value in the section.  Returns false if memory
 * ran out. */
bool section_apply(const struct section *section,
                   const struct option_row *option, void *home);

#endif
