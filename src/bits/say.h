/*
 * bits/say.h: everything that the program tells.
 *
 * Standard output carries ids, tables and JSON; everything else goes to
 * standard error.  Whatever a line is made of, it is escaped as a whole
 * (say_text.h), so that nothing a server sent reaches a terminal raw and no
 * value can forge a line.
 *
 * On a terminal the last line may be a live one that is written over and
 * over; it steps aside for every other line.  One thread.
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
    bool terminal;   /* standard error is one */
    unsigned live;   /* columns of the live line; 0: there is none */
    bool out_failed; /* something did not reach standard output */
};

/* Sets the locale's characters to UTF-8 and lets both streams be written a
 * line at a time. */
void say_init(struct say *say, FILE *out, FILE *err);

/* --- Standard error ------------------------------------------------------ */

/* "bits: WORDS", unless quiet. */
PRINTF_LIKE(2, 3)
void say_note(struct say *say, const char *format, ...);

/* "bits: warning: WORDS" */
PRINTF_LIKE(2, 3)
void say_warning(struct say *say, const char *format, ...);

/* "bits: WORDS" */
PRINTF_LIKE(2, 3)
void say_error(struct say *say, const char *format, ...);

/* Columns of the terminal right now; 80 if the terminal does not say. */
unsigned say_width(const struct say *say);

/* Columns of standard output; 0: it is not a terminal. */
unsigned say_out_width(const struct say *say);

/* Shows this line as the live one, at most say_width() - 1 columns of it.  An
 * empty one takes it away.  Nothing happens if standard error is no terminal.
 */
void say_live(struct say *say, const char *line);

/* --- Standard output ----------------------------------------------------- */

/* One line. */
PRINTF_LIKE(2, 3)
void say_out(struct say *say, const char *format, ...);

/* "LABEL   text", the text broken into lines of at most 80 columns that begin
 * below its first word; label_columns is where it begins. */
void say_paragraph(struct say *say, const char *label, unsigned label_columns,
                   const char *text);

/* One object in one line, ASCII only.  Takes the object. */
void say_json(struct say *say, json_t *object);

/* A text as JSON: the same, but with escapes if it is not UTF-8.  NULL: out of
 * memory. */
json_t *say_json_text(struct bits_text text);

/* True: all that was said there has arrived.  Else says what went wrong. */
bool say_out_arrived(struct say *say);

#endif
