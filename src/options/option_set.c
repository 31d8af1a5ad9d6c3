/*
 * options/option_set.c: option_set(): converts text into a field, with messages
 * for invalid text.
 */
#include "options/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "options/choice.h"
#include "options/number.h"

static bool judge_text(const struct option_row *option, const char *text,
                       struct fault *ret_fault)
{
    return !option->check.judge || option->check.judge(text, ret_fault);
}

static bool set_text(const struct option_row *option, char **field,
                     const char *text, struct fault *ret_fault)
{
    char *copy;

    if (!judge_text(option, text, ret_fault)) {
        return false;
    }
    copy = strdup(text);
    if (!copy) {
        return fault_set(ret_fault, "out of memory");
    }
    free(*field);
    *field = copy;
    return true;
}

static bool set_list(const struct option_row *option, struct string_list *list,
                     const char *text, struct fault *ret_fault)
{
    return judge_text(option, text, ret_fault) &&
           (string_list_add(list, text) ||
            fault_set(ret_fault, "out of memory"));
}

static bool set_flag(bool *field, const char *text, struct fault *ret_fault)
{
    return value_read_flag(text_of(text), field) ||
           fault_set(ret_fault, QUOTED "is neither yes nor no", text);
}

static bool set_mode(const struct option_row *option, unsigned *field,
                     const char *text, struct fault *ret_fault)
{
    const struct option_check *check = &option->check;
    unsigned mode;

    if (!value_read_mode(text_of(text), &mode)) {
        return fault_set(
            ret_fault,
            QUOTED "is not a set of permission bits; write octal digits", text);
    }
    if ((mode & check->low) != check->low || (mode & ~check->high) != 0) {
        return fault_set(ret_fault,
                         QUOTED "is out of range; write %04o to %04o", text,
                         (unsigned)check->low, (unsigned)check->high);
    }
    *field = mode;
    return true;
}

static bool set_space(struct option_space *field, const char *text,
                      struct fault *ret_fault)
{
    return value_read_space(text_of(text), field) ||
           fault_set(ret_fault,
                     QUOTED "is not a disk space; write a size, a percentage, "
                            "or \"SIZE N%%\" in quotes",
                     text);
}

static bool set_field(const struct option_row *option, void *field,
                      const char *text, struct fault *ret_fault)
{
    switch (option->kind) {
    case OPTION_TEXT:
        return set_text(option, field, text, ret_fault);
    case OPTION_LIST:
        return set_list(option, field, text, ret_fault);
    case OPTION_FLAG:
        return set_flag(field, text, ret_fault);
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return number_set(option, field, text, ret_fault);
    case OPTION_MODE:
        return set_mode(option, field, text, ret_fault);
    case OPTION_SPACE:
        return set_space(field, text, ret_fault);
    case OPTION_CHOICES:
        return choice_add(option, field, text, ret_fault);
    case OPTION_CHOICE:
        break;
    }
    return choice_set(option, field, text, ret_fault);
}

bool option_set(const struct option_row *option, void *home, const char *text,
                struct fault *ret_fault)
{
    return set_field(option, (char *)home + option->offset, text, ret_fault);
}

bool option_judge(const struct option_row *option, const char *text,
                  struct fault *ret_fault)
{
    union {
        bool flag;
        uint64_t number;
        unsigned bits;
        struct option_space space;
    } scratch = {0};

    if (option->kind == OPTION_TEXT || option->kind == OPTION_LIST) {
        return judge_text(option, text, ret_fault);
    }
    return set_field(option, &scratch, text, ret_fault);
}
