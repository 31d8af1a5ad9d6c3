/*
 * bits/say.h: all output of the program.
 *
 * Standard output carries ids, tables and JSON; everything else goes to
 * standard error.  Each line is escaped as a whole (say_text.h), so that no
 * text of a server reaches a terminal unescaped and no value can forge a line.
 *
 * On a terminal the last line may be a live line, which is rewritten in place
 * and removed for every other line.  One thread.
 */
#ifndef BITS_SAY_H
#define BITS_SAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include <openbits/text.h>

#include "base/compiler.h"

struct say {
    FILE *out;        /* borrowed */
    FILE *err;        /* borrowed */
    bool beside_live; /* another process shows a live line on the terminal */
    bool json;
    bool quiet;      /* warnings and errors only */
    bool verbose;    /* each packet, too */
    bool terminal;   /* standard error is a terminal */
    unsigned live;   /* columns of the live line; 0: no live line */
    bool out_failed; /* writing to standard output failed */
};

/* Sets the locale's characters to UTF-8 and makes both streams
 * line-buffered. */
void say_init(struct say *say, FILE *out, FILE *err);

/* --- standard error ------------------------------------------------------ */

/* "bits: WORDS", unless quiet. */
PRINTF_LIKE(2, 3)
void say_note(struct say *say, const char *format, ...);

/* "bits: warning: WORDS" */
PRINTF_LIKE(2, 3)
void say_warning(struct say *say, const char *format, ...);

/* "bits: WORDS" */
PRINTF_LIKE(2, 3)
void say_error(struct say *say, const char *format, ...);

/* The present columns of the terminal; 80 if it does not report them. */
unsigned say_width(const struct say *say);

/* Columns of standard output; 0: not a terminal. */
unsigned say_out_width(const struct say *say);

/* Shows the line as the live line, at most say_width() - 1 columns of it.  An
 * empty line removes it.  Does nothing if standard error is not a terminal. */
void say_live(struct say *say, const char *line);

/* --- standard output ----------------------------------------------------- */

/* One line. */
PRINTF_LIKE(2, 3)
void say_out(struct say *say, const char *format, ...);

/* "LABEL text", with the text broken into lines of at most 80 columns that are
 * indented by label_columns. */
void say_paragraph(struct say *say, const char *label, unsigned label_columns,
                   const char *text);

/* One object in one line, ASCII only.  Takes ownership of the object. */
void say_json(struct say *say, json_t *object);

/* A text as JSON, with escapes if it is not UTF-8.  Returns NULL if memory ran
 * out. */
json_t *say_json_text(struct bits_text text);

/* Returns true if everything was written to standard output.  Otherwise prints
 * an error. */
bool say_out_arrived(struct say *say);

#endif
