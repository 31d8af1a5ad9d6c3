/*
 * options/number.h: the values of options of the kinds NUMBER, SIZE and
 * DURATION: their units, the words that stand for a number, their limits.
 */
#ifndef OPTIONS_NUMBER_H
#define OPTIONS_NUMBER_H

#include "options/option.h"

/* False: the fault says why, the field is as before. */
bool number_set(const struct option_row *option, uint64_t *field,
                const char *text, struct fault *ret_fault);

/* As it would be written in a file. */
void number_write(const struct option_row *option, uint64_t number,
                  char ret_text[VALUE_TEXT_MAX]);

#endif
