/*
 * config/choice.h: the words of choices.def as a table.
 */
#ifndef CONFIG_CHOICE_H
#define CONFIG_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/option.h"

bool choice_read(enum option_kind kind, const char *text,
                 enum config_choice *ret_choice);

const char *choice_word(enum config_choice choice);

/* "refuse, replace, keep-both" */
void choice_list(enum option_kind kind, char *ret_text, size_t size);

#endif
