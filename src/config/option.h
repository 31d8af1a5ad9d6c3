/*
 * config/option.h: the rows of options.def as a table, and the fields of
 * the structs that they name.
 *
 * Everything that handles options by name or one by one goes through here;
 * what the values mean together is the business of check.c.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"

enum option_id {
#define SERVER(kind, name, def, check, reload, iis, help) OPTION_##name,
#define UPLOAD(kind, name, def, check, reload, iis, help) OPTION_##name,
#include "config/options.def"
#undef SERVER
#undef UPLOAD
    OPTION_COUNT,
};

/* The struct that an option is a field of. */
enum option_home {
    OPTION_HOME_SERVER,
    OPTION_HOME_UPLOAD,
};

enum option_kind {
    OPTION_KIND_TEXT,
    OPTION_KIND_LIST,
    OPTION_KIND_FLAG,
    OPTION_KIND_NUMBER,
    OPTION_KIND_SIZE,
    OPTION_KIND_DURATION,
    OPTION_KIND_MODE,
    OPTION_KIND_SPACE,
    OPTION_KIND_CHOICE_LOG_FORMAT,
    OPTION_KIND_CHOICE_LOG_LEVEL,
    OPTION_KIND_CHOICE_ENABLED,
    OPTION_KIND_CHOICE_ON_EXISTS,
    OPTION_KIND_CHOICE_ZERO_LENGTH,
    OPTION_KIND_CHOICE_DURABILITY,
};

enum option_reload {
    OPTION_RELOAD_LIVE,
    OPTION_RELOAD_START,
};

enum option_rule {
    OPTION_RULE_ANY,
    OPTION_RULE_RANGE,
    OPTION_RULE_BITS,
    OPTION_RULE_PATH,
    OPTION_RULE_HOST,
    OPTION_RULE_LISTEN,
};

struct option_check {
    enum option_rule rule;
    uint64_t low;  /* RANGE: the least; BITS: those that must be set */
    uint64_t high; /* RANGE: the most; BITS: those that may be set */
};

struct option {
    enum option_home home;
    enum option_kind kind;
    enum option_reload reload;
    const char *name;
    const char *def; /* NULL: not set */
    struct option_check check;
    size_t offset; /* of the field in its struct */
};

/* By enum option_id. */
extern const struct option options[OPTION_COUNT];

/* NULL: no such option. */
const struct option *option_find(enum option_home home, const char *name);

/* Is `none` a value of it? */
bool option_takes_none(const struct option *option);

/* --- fields; `home` is the struct that the option belongs to --- */

#define OPTION_FAULT_MAX 384

enum option_result {
    OPTION_SET,
    OPTION_WRONG, /* ret_fault says why and what to write instead */
    OPTION_NO_MEMORY,
};

/* Sets a field that is still zero; a LIST grows by one item. */
enum option_result option_set(const struct option *option, void *home,
                              const char *text,
                              char ret_fault[OPTION_FAULT_MAX]);

/* The same for nobody: only judges. */
enum option_result option_judge(const struct option *option, const char *text,
                                char ret_fault[OPTION_FAULT_MAX]);

/* Frees what the field owns and makes it zero. */
void option_clear(const struct option *option, void *home);

bool option_is_set(const struct option *option, const void *home);
bool option_is_same(const struct option *option, const void *home,
                    const void *other);

/* In double quotes, with what the file would take for more than text
 * escaped. */
void option_print_text(const char *text, FILE *stream);

/* Writes the value as it stands in a file; the option must be set. */
void option_print(const struct option *option, const void *home, FILE *stream);

#endif
