/*
 * options/choice.h: values of options of the kinds CHOICE and CHOICES.
 */
#ifndef OPTIONS_CHOICE_H
#define OPTIONS_CHOICE_H

#include "options/option.h"

/* Returns false with the list of words in the fault, and leaves the field
 * untouched, if the text is not one of
 * them. */
bool choice_set(const struct option_row *option, unsigned *field,
                const char *text, struct fault *ret_fault);

/* Adds to the set.  Returns false as above. */
bool choice_add(const struct option_row *option, uint64_t *set,
                const char *text, struct fault *ret_fault);

/* The word for a value of the option. */
const char *choice_word(const struct option_row *option, unsigned value);

/* Prints the words of the set as in a file. */
void choice_print(const struct option_row *option, uint64_t set, FILE *stream);

#endif
