/*
 * options/document.h: a configuration file as it stands, or what the command
 * line says in its place: sections, and the options in them as text.
 *
 * A program says which sections there are; reading judges each value on its
 * own. What the values amount to together is left to the program.
 */
#ifndef OPTIONS_DOCUMENT_H
#define OPTIONS_DOCUMENT_H

#include "options/option.h"
#include "options/report.h"

/* A section that may stand in a file.  A table of them ends with one that has
 * no name. */
struct section_kind {
    const char *name;
    /* NULL: sections have no title, and there is one of them.  False: the fault
     * says why the title is none. */
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
    bool broken;   /* reported; not to be used */
};

struct section {
    const struct section_kind *kind;
    char *title;   /* owned; NULL: its kind has none */
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

/* Appends an empty section.  The pointer is good until the next call.  NULL:
 * out of memory. */
struct section *document_add(struct document *document,
                             const struct section_kind *kind, const char *title,
                             unsigned line);

/* Appends the item with a copy of the text, which may be NULL.  False: out of
 * memory. */
bool section_add(struct section *section, const struct item *item,
                 const char *text);

/* Reads document->path; what is wrong is reported, and the parts of it are
 * marked as broken.  False: the file cannot be read to its end. */
bool document_read(struct document *document, const struct section_kind *kinds,
                   struct report *report);

/* Reports what is wrong with any part on its own, and what stands twice. */
void document_judge(struct document *document, struct report *report);

/* The first text of the option, or NULL. */
const struct item *section_find(const struct section *section,
                                const struct option_row *option);

/* Was something wrong with a text of the option? */
bool section_is_broken(const struct section *section,
                       const struct option_row *option);

/* Sets the option's field to what the section says.  False: out of memory. */
bool section_apply(const struct section *section,
                   const struct option_row *option, void *home);

#endif
