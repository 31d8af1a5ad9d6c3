/*
 * options/option.h: one option of a program: the form of its value, its limits,
 * and the struct field that keeps it.
 *
 * bitsd (config/) and bits (client/settings/) each declare their options in an
 * options.def and build a table from it.  These functions do what is the same
 * for every option.  The programs check values against each other.
 */
#ifndef OPTIONS_OPTION_H
#define OPTIONS_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"
#include "options/list.h"
#include "options/value.h"

/* The form of a value and the type of its field.  If the default of a NUMBER or
 * SIZE is `none` (stored as UINT64_MAX) or `auto` (stored as 0), the option
 * also accepts that word. */
enum option_kind {
    OPTION_TEXT,     /* char *, owned; NULL: not set */
    OPTION_LIST,     /* struct string_list */
    OPTION_FLAG,     /* bool */
    OPTION_NUMBER,   /* uint64_t */
    OPTION_SIZE,     /* uint64_t, bytes */
    OPTION_DURATION, /* uint64_t, seconds */
    OPTION_MODE,     /* unsigned, permission bits */
    OPTION_SPACE,    /* struct option_space */
    OPTION_CHOICE,   /* an enum whose constants start at 0 */
    OPTION_CHOICES,  /* uint64_t, a set of such constants: option_chosen() */
};

/* Requirements on a value beyond its kind. */
struct option_check {
    uint64_t low;  /* the minimum; MODE: bits that must be set */
    uint64_t high; /* the maximum; MODE: bits that may be set */
    /* TEXT, LIST; NULL: any text.  Returns false with the reason if the text is
     * not valid. */
    bool (*judge)(const char *text, struct fault *ret_fault);
};

/* A word that an option of the kind CHOICE or CHOICES accepts. */
struct option_word {
    const char *set; /* the options that accept it */
    const char *word;
    unsigned value;
};

struct option_row {
    const char *name;
    enum option_kind kind;
    const char *set;                 /* CHOICE, CHOICES: its words in the table
                                        below */
    const struct option_word *words; /* the last entry has no word */
    const char *def;                 /* as in a file; NULL: not set */
    struct option_check check;
    size_t offset; /* of the field in its struct */
};

/* Quotes the start of a value in a fault: put it before a format, for one
 * string argument. */
#define QUOTED "\"%.120s\" "

/* Returns true if a set of the kind CHOICES has the constant, which is below
 * 64. */
static inline bool option_chosen(uint64_t set, unsigned constant)
{
    return (set >> constant & 1) != 0;
}

/* Returns true if a file writes it as a list, with braces and +=. */
static inline bool option_is_list(const struct option_row *option)
{
    return option->kind == OPTION_LIST || option->kind == OPTION_CHOICES;
}

/* --- fields; `home` is the struct that contains the option's field --- */

/* Sets the field; LIST and CHOICES grow by one item.  Returns false, and leaves
 * the field untouched, if the text is not valid; the fault is a sentence with
 * the reason and the remedy. */
bool option_set(const struct option_row *option, void *home, const char *text,
                struct fault *ret_fault);

/* Checks the text without a field. */
bool option_judge(const struct option_row *option, const char *text,
                  struct fault *ret_fault);

/* Frees the field's value and empties the field. */
void option_clear(const struct option_row *option, void *home);

bool option_is_set(const struct option_row *option, const void *home);
bool option_is_same(const struct option_row *option, const void *home,
                    const void *other);

/* Prints in double quotes.  Escapes characters that have a meaning in a
 * file. */
void option_print_text(const char *text, FILE *stream);

/* Prints the value as in a file; the option must be set. */
void option_print(const struct option_row *option, const void *home,
                  FILE *stream);

#endif
