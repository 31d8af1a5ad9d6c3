/*
 * options/choice.h: the words of options of the kind CHOICE.
 */
#ifndef OPTIONS_CHOICE_H
#define OPTIONS_CHOICE_H

#include "options/option.h"

/* False: the fault lists the words, the field is as before. */
bool choice_set(const struct option_row *option, unsigned *field,
                const char *text, struct fault *ret_fault);

/* The word of a value that the option has. */
const char *choice_word(const struct option_row *option, unsigned value);

#endif
