/*
 * options/option.h: one option of a program: how its value is written, what it
 * may be, and the field of a struct that keeps it.
 *
 * bitsd (config/) and bits (client/settings/) declare theirs in an options.def
 * each, make a table of it, and leave to these functions what can be done with
 * any option.  What values mean together is left to the programs.
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

/* How a value is written, and the type of its field.  NUMBER and SIZE also take
 * the word that is their default, if it is one of these: `none` is kept as
 * UINT64_MAX, `auto` as 0. */
enum option_kind {
    OPTION_TEXT,     /* char *, owned; NULL: not set */
    OPTION_LIST,     /* struct string_list */
    OPTION_FLAG,     /* bool */
    OPTION_NUMBER,   /* uint64_t */
    OPTION_SIZE,     /* uint64_t, bytes */
    OPTION_DURATION, /* uint64_t, seconds */
    OPTION_MODE,     /* unsigned, permission bits */
    OPTION_SPACE,    /* struct option_space */
    OPTION_CHOICE,   /* an enum of constants from 0 on */
    OPTION_CHOICES,  /* uint64_t, a set of such constants: option_chosen() */
};

/* What a value must fulfil beyond its kind. */
struct option_check {
    uint64_t low;  /* the least; MODE: the bits that must be set */
    uint64_t high; /* the most; MODE: those that may be set */
    /* TEXT, LIST; NULL: any text.  False: the fault says why. */
    bool (*judge)(const char *text, struct fault *ret_fault);
};

/* A word that an option of the kind CHOICE or CHOICES takes. */
struct option_word {
    const char *set; /* of the options that take it */
    const char *word;
    unsigned value;
};

struct option_row {
    const char *name;
    enum option_kind kind;
    const char *set;                 /* CHOICE, CHOICES: its words in the
                                        table below */
    const struct option_word *words; /* the last one has no word */
    const char *def;                 /* as it would be written; NULL: not set */
    struct option_check check;
    size_t offset; /* of the field in its struct */
};

/* How a fault quotes a value, as much of it as one reads: in front of a format,
 * for one string. */
#define QUOTED "\"%.120s\" "

/* Does a set of the kind CHOICES have the constant, which is below 64? */
static inline bool option_chosen(uint64_t set, unsigned constant)
{
    return (set >> constant & 1) != 0;
}

/* Does a file write it as a list, with braces and +=? */
static inline bool option_is_list(const struct option_row *option)
{
    return option->kind == OPTION_LIST || option->kind == OPTION_CHOICES;
}

/* --- fields; `home` is the struct that the option belongs to --- */

/* Sets the field; LIST and CHOICES grow by one item.  False: the fault is a
 * sentence that says why and what to write instead, and the field is as before.
 */
bool option_set(const struct option_row *option, void *home, const char *text,
                struct fault *ret_fault);

/* The same without a field: only judges. */
bool option_judge(const struct option_row *option, const char *text,
                  struct fault *ret_fault);

/* Frees what the field owns and makes it empty. */
void option_clear(const struct option_row *option, void *home);

bool option_is_set(const struct option_row *option, const void *home);
bool option_is_same(const struct option_row *option, const void *home,
                    const void *other);

/* In double quotes, with what a file would take for more than text escaped. */
void option_print_text(const char *text, FILE *stream);

/* Writes the value as it stands in a file; the option must be set. */
void option_print(const struct option_row *option, const void *home,
                  FILE *stream);

#endif
