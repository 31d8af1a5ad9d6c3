/*
 * config/option_set.c: from text into a field, and the words for what is
 * wrong with the text.
 */
#include <stdarg.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "config/address.h"
#include "config/choice.h"
#include "config/list.h"
#include "config/option.h"
#include "config/value.h"

/* What a fault quotes of a value. */
#define QUOTE_MAX 120

PRINTF_LIKE(3, 4)
static enum option_result wrong(char ret_fault[OPTION_FAULT_MAX],
                                const char *text, const char *format, ...)
{
    va_list arguments;
    int used =
        snprintf(ret_fault, OPTION_FAULT_MAX, "\"%.*s\" ", QUOTE_MAX, text);

    va_start(arguments, format);
    (void)vsnprintf(ret_fault + used, OPTION_FAULT_MAX - (size_t)used, format,
                    arguments);
    va_end(arguments);
    return OPTION_WRONG;
}

/* --- text --- */

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

static enum option_result judge_text(const struct option *option,
                                     const char *text,
                                     char ret_fault[OPTION_FAULT_MAX])
{
    if (has_control(text)) {
        return wrong(ret_fault, text,
                     "has a control character; write it without");
    }
    switch (option->check.rule) {
    case OPTION_RULE_PATH:
        if (text[0] != '/') {
            return wrong(ret_fault, text,
                         "is not an absolute path; begin it with '/'");
        }
        break;
    case OPTION_RULE_HOST:
        if (!config_host_is_sound(text)) {
            return wrong(ret_fault, text,
                         "is not a host name or address; write it without "
                         "scheme, port and brackets");
        }
        break;
    case OPTION_RULE_LISTEN:
        if (!config_address_read(text, &(struct config_address){0})) {
            return wrong(ret_fault, text,
                         "is not an address to listen on; write "
                         "\"ADDRESS:PORT\", \"[IPV6]:PORT\", \"*:PORT\" or "
                         "\"unix:/PATH\", in quotes");
        }
        break;
    case OPTION_RULE_ANY:
    case OPTION_RULE_RANGE:
    case OPTION_RULE_BITS:
        break;
    }
    return OPTION_SET;
}

static enum option_result set_text(const struct option *option, char **field,
                                   const char *text,
                                   char ret_fault[OPTION_FAULT_MAX])
{
    enum option_result result = judge_text(option, text, ret_fault);

    if (result != OPTION_SET) {
        return result;
    }
    *field = strdup(text);
    return *field ? OPTION_SET : OPTION_NO_MEMORY;
}

static enum option_result set_list(const struct option *option,
                                   struct config_list *list, const char *text,
                                   char ret_fault[OPTION_FAULT_MAX])
{
    enum option_result result = judge_text(option, text, ret_fault);

    if (result == OPTION_SET && !config_list_add(list, text)) {
        return OPTION_NO_MEMORY;
    }
    return result;
}

/* --- numbers --- */

static bool read_number(const struct option *option, struct bits_text text,
                        uint64_t *ret_number)
{
    if (option->kind == OPTION_KIND_SIZE) {
        return value_read_size(text, ret_number);
    }
    if (option->kind == OPTION_KIND_DURATION) {
        return value_read_duration(text, ret_number);
    }
    return text_to_u64(text, ret_number);
}

static void write_number(const struct option *option, uint64_t number,
                         char ret_text[VALUE_TEXT_MAX])
{
    if (option->kind == OPTION_KIND_SIZE) {
        value_write_size(number, ret_text);
    } else if (option->kind == OPTION_KIND_DURATION) {
        value_write_duration(number, ret_text);
    } else {
        (void)snprintf(ret_text, VALUE_TEXT_MAX, "%llu",
                       (unsigned long long)number);
    }
}

static enum option_result no_number(const struct option *option,
                                    const char *text,
                                    char ret_fault[OPTION_FAULT_MAX])
{
    const char *none = option_takes_none(option) ? ", or none" : "";

    if (option->kind == OPTION_KIND_SIZE) {
        return wrong(ret_fault, text,
                     "is not a size; write a number with k, M, G or T%s", none);
    }
    if (option->kind == OPTION_KIND_DURATION) {
        return wrong(ret_fault, text,
                     "is not a time; write a number with s, m, h or d");
    }
    return wrong(ret_fault, text, "is not a number; write digits%s", none);
}

static enum option_result out_of_range(const struct option *option,
                                       const char *text,
                                       char ret_fault[OPTION_FAULT_MAX])
{
    char low[VALUE_TEXT_MAX];
    char high[VALUE_TEXT_MAX];

    write_number(option, option->check.low, low);
    write_number(option, option->check.high, high);
    return wrong(ret_fault, text, "is out of range; write %s to %s%s", low,
                 high, option_takes_none(option) ? ", or none" : "");
}

static enum option_result set_number(const struct option *option,
                                     uint64_t *field, const char *text,
                                     char ret_fault[OPTION_FAULT_MAX])
{
    uint64_t number;

    if (option_takes_none(option) && strcmp(text, "none") == 0) {
        *field = UINT64_MAX;
        return OPTION_SET;
    }
    if (!read_number(option, text_of(text), &number)) {
        return no_number(option, text, ret_fault);
    }
    if (number < option->check.low || number > option->check.high) {
        return out_of_range(option, text, ret_fault);
    }
    *field = number;
    return OPTION_SET;
}

/* --- the other kinds --- */

static enum option_result set_mode(const struct option *option, unsigned *field,
                                   const char *text,
                                   char ret_fault[OPTION_FAULT_MAX])
{
    const struct option_check *check = &option->check;
    unsigned mode;

    if (!value_read_mode(text_of(text), &mode)) {
        return wrong(ret_fault, text,
                     "is not a set of permission bits; write octal digits");
    }
    if ((mode & check->low) != check->low || (mode & ~check->high) != 0) {
        return wrong(ret_fault, text, "is out of range; write %04o to %04o",
                     (unsigned)check->low, (unsigned)check->high);
    }
    *field = mode;
    return OPTION_SET;
}

static enum option_result set_flag(bool *field, const char *text,
                                   char ret_fault[OPTION_FAULT_MAX])
{
    if (!value_read_flag(text_of(text), field)) {
        return wrong(ret_fault, text, "is neither yes nor no");
    }
    return OPTION_SET;
}

static enum option_result set_space(struct config_space *field,
                                    const char *text,
                                    char ret_fault[OPTION_FAULT_MAX])
{
    if (!value_read_space(text_of(text), field)) {
        return wrong(ret_fault, text,
                     "is not a disk space; write a size, a percentage, or "
                     "\"SIZE N%%\" in quotes");
    }
    return OPTION_SET;
}

static enum option_result set_choice(const struct option *option,
                                     enum config_choice *field,
                                     const char *text,
                                     char ret_fault[OPTION_FAULT_MAX])
{
    char words[OPTION_FAULT_MAX / 2];

    if (!choice_read(option->kind, text, field)) {
        choice_list(option->kind, words, sizeof(words));
        return wrong(ret_fault, text, "is not one of: %s", words);
    }
    return OPTION_SET;
}

enum option_result option_set(const struct option *option, void *home,
                              const char *text,
                              char ret_fault[OPTION_FAULT_MAX])
{
    void *field = (char *)home + option->offset;

    switch (option->kind) {
    case OPTION_KIND_TEXT:
        return set_text(option, field, text, ret_fault);
    case OPTION_KIND_LIST:
        return set_list(option, field, text, ret_fault);
    case OPTION_KIND_FLAG:
        return set_flag(field, text, ret_fault);
    case OPTION_KIND_NUMBER:
    case OPTION_KIND_SIZE:
    case OPTION_KIND_DURATION:
        return set_number(option, field, text, ret_fault);
    case OPTION_KIND_MODE:
        return set_mode(option, field, text, ret_fault);
    case OPTION_KIND_SPACE:
        return set_space(field, text, ret_fault);
    case OPTION_KIND_CHOICE_LOG_FORMAT:
    case OPTION_KIND_CHOICE_LOG_LEVEL:
    case OPTION_KIND_CHOICE_ENABLED:
    case OPTION_KIND_CHOICE_ON_EXISTS:
    case OPTION_KIND_CHOICE_ZERO_LENGTH:
    case OPTION_KIND_CHOICE_DURABILITY:
        break;
    }
    return set_choice(option, field, text, ret_fault);
}

enum option_result option_judge(const struct option *option, const char *text,
                                char ret_fault[OPTION_FAULT_MAX])
{
    union {
        struct config_server server;
        struct config_upload upload;
    } scratch;
    enum option_result result;

    memset(&scratch, 0, sizeof(scratch));
    result = option_set(option, &scratch, text, ret_fault);
    option_clear(option, &scratch);
    return result;
}
