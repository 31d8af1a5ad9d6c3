/*
 * options/number.h: the values of options of the kinds NUMBER, SIZE and
 * DURATION: their units, the words that stand for a number, their limits.
 */
#ifndef OPTIONS_NUMBER_H
#define OPTIONS_NUMBER_H

#include "options/option.h"

/* Returns false with the reason, and leaves the field untouched, if the text is
 * not valid. */
bool number_set(const struct option_row *option, uint64_t *field,
                const char *text, struct fault *ret_fault);

/* Writes the number as in a file. */
void number_write(const struct option_row *option, uint64_t number,
                  char ret_text[VALUE_TEXT_MAX]);

#endif
