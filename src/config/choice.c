/*
 * config/choice.c: see choice.h.
 */
#include "config/choice.h"

#include <stdio.h>
#include <string.h>

struct choice {
    enum option_kind kind;
    const char *word;
};

/* By enum config_choice. */
static const struct choice choices[] = {
#define CHOICE(kind, word, constant) {OPTION_KIND_CHOICE_##kind, word},
#include "config/choices.def"
#undef CHOICE
};

#define CHOICE_COUNT (sizeof(choices) / sizeof(choices[0]))

bool choice_read(enum option_kind kind, const char *text,
                 enum config_choice *ret_choice)
{
    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (choices[i].kind == kind && strcmp(choices[i].word, text) == 0) {
            *ret_choice = (enum config_choice)i;
            return true;
        }
    }
    return false;
}

const char *choice_word(enum config_choice choice)
{
    return choices[choice].word;
}

void choice_list(enum option_kind kind, char *ret_text, size_t size)
{
    size_t used = 0;

    ret_text[0] = '\0';
    for (size_t i = 0; i < CHOICE_COUNT && used < size; i++) {
        if (choices[i].kind == kind) {
            used += (size_t)snprintf(ret_text + used, size - used, "%s%s",
                                     used > 0 ? ", " : "", choices[i].word);
        }
    }
}
