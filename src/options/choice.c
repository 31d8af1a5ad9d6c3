/*
 * options/choice.c: see choice.h.
 */
#include "options/choice.h"

#include <string.h>

static bool is_of(const struct option_row *option,
                  const struct option_word *word)
{
    return strcmp(word->set, option->set) == 0;
}

bool choice_set(const struct option_row *option, unsigned *field,
                const char *text, struct fault *ret_fault)
{
    for (const struct option_word *word = option->words; word->word; word++) {
        if (is_of(option, word) && strcmp(word->word, text) == 0) {
            *field = word->value;
            return true;
        }
    }
    (void)fault_set(ret_fault, QUOTED "is not one of", text);
    for (const struct option_word *word = option->words, *last = NULL;
         word->word; word++) {
        if (is_of(option, word)) {
            (void)fault_set(ret_fault, "%s%s%s", ret_fault->text,
                            last ? ", " : ": ", word->word);
            last = word;
        }
    }
    return false;
}

bool choice_add(const struct option_row *option, uint64_t *set,
                const char *text, struct fault *ret_fault)
{
    unsigned value;

    if (!choice_set(option, &value, text, ret_fault)) {
        return false;
    }
    *set |= UINT64_C(1) << value;
    return true;
}

const char *choice_word(const struct option_row *option, unsigned value)
{
    const struct option_word *word = option->words;

    while (!is_of(option, word) || word->value != value) {
        word++;
    }
    return word->word;
}

void choice_print(const struct option_row *option, uint64_t set, FILE *stream)
{
    const char *before = "{";

    for (const struct option_word *word = option->words; word->word; word++) {
        if (is_of(option, word) && option_chosen(set, word->value)) {
            (void)fprintf(stream, "%s%s", before, word->word);
            before = ", ";
        }
    }
    (void)fputc('}', stream);
}
