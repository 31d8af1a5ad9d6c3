/*
 * options/number.c: see number.h.
 */
#include "options/number.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* Words for numbers; an option accepts the word that is its default. */
static const struct {
    const char *word;
    uint64_t number;
} words[] = {
    {"none", UINT64_MAX},
    {"auto", 0},
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

/* The index of the option's word; WORD_COUNT if it has none. */
static size_t find_word(const struct option_row *option)
{
    size_t i = 0;

    while (i < WORD_COUNT &&
           (!option->def || strcmp(option->def, words[i].word) != 0)) {
        i++;
    }
    return i;
}

static void write_digits(const struct option_row *option, uint64_t number,
                         char ret_text[VALUE_TEXT_MAX])
{
    if (option->kind == OPTION_SIZE) {
        value_write_size(number, ret_text);
    } else if (option->kind == OPTION_DURATION) {
        value_write_duration(number, ret_text);
    } else {
        (void)snprintf(ret_text, VALUE_TEXT_MAX, "%" PRIu64, number);
    }
}

void number_write(const struct option_row *option, uint64_t number,
                  char ret_text[VALUE_TEXT_MAX])
{
    size_t word = find_word(option);

    if (word < WORD_COUNT && words[word].number == number) {
        (void)snprintf(ret_text, VALUE_TEXT_MAX, "%s", words[word].word);
    } else {
        write_digits(option, number, ret_text);
    }
}

static bool read_digits(const struct option_row *option, const char *text,
                        uint64_t *ret_number)
{
    if (option->kind == OPTION_SIZE) {
        return value_read_size(text_of(text), ret_number);
    }
    if (option->kind == OPTION_DURATION) {
        return value_read_duration(text_of(text), ret_number);
    }
    return text_to_u64(text_of(text), ret_number);
}

/* Why the text is not accepted, up to the words that say what to write. */
static const char *reason(const struct option_row *option, bool is_number)
{
    return is_number                         ? "out of range"
           : option->kind == OPTION_SIZE     ? "not a size"
           : option->kind == OPTION_DURATION ? "not a time"
                                             : "not a number";
}

static bool refuse(const struct option_row *option, const char *text,
                   bool is_number, struct fault *ret_fault)
{
    size_t word = find_word(option);
    const char *comma = word < WORD_COUNT ? ", or " : "";
    const char *other = word < WORD_COUNT ? words[word].word : "";
    char low[VALUE_TEXT_MAX];
    char high[VALUE_TEXT_MAX];

    if (!is_number && option->kind != OPTION_NUMBER) {
        return fault_set(ret_fault, QUOTED "is %s; write a number with %s%s%s",
                         text, reason(option, is_number),
                         option->kind == OPTION_SIZE ? "k, M, G or T"
                                                     : "s, m, h or d",
                         comma, other);
    }
    write_digits(option, option->check.low, low);
    write_digits(option, option->check.high, high);
    return fault_set(ret_fault, QUOTED "is %s; write %s to %s%s%s", text,
                     reason(option, is_number), low, high, comma, other);
}

bool number_set(const struct option_row *option, uint64_t *field,
                const char *text, struct fault *ret_fault)
{
    const struct option_check *check = &option->check;
    size_t word = find_word(option);
    bool is_number;
    uint64_t number;

    if (word < WORD_COUNT && strcmp(text, words[word].word) == 0) {
        *field = words[word].number;
        return true;
    }
    is_number = read_digits(option, text, &number);
    if (!is_number || number < check->low || number > check->high) {
        return refuse(option, text, is_number, ret_fault);
    }
    *field = number;
    return true;
}
