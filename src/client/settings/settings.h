/*
 * client/settings/settings.h: what the user wants, from options.def; the
 * values, their spelling, and nothing of where they were read.
 *
 * A value keeps its text besides, so that the queue can write settings down
 * with settings_text() and read them back with settings_set().
 */
#ifndef CLIENT_SETTINGS_SETTINGS_H
#define CLIENT_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/list.h"

enum settings_auth {
#define CHOICE_AUTH(constant) constant,
#define CHOICE_METHOD(constant)
#define CHOICE(kind, word, constant) CHOICE_##kind(constant)
#include "client/settings/options.def"
#undef CHOICE_AUTH
#undef CHOICE_METHOD
};

enum settings_method {
#define CHOICE_AUTH(constant)
#define CHOICE_METHOD(constant) constant,
#define CHOICE(kind, word, constant) CHOICE_##kind(constant)
#include "client/settings/options.def"
#undef CHOICE_AUTH
#undef CHOICE_METHOD
};

enum setting_id {
#define OPTION(kind, field, name, letter, argument, commands, key, def, check, \
               help)                                                           \
    SETTING_##field,
#include "client/settings/options.def"
    SETTING_COUNT,
};

enum setting_kind {
    SETTING_KIND_FLAG,
    SETTING_KIND_TEXT,
    SETTING_KIND_PATH,
    SETTING_KIND_LIST,
    SETTING_KIND_COUNT,
    SETTING_KIND_SIZE,
    SETTING_KIND_FRAGMENT,
    SETTING_KIND_DURATION,
    SETTING_KIND_AUTH,
    SETTING_KIND_METHOD,
};

/* The commands that take an option, as a set of bits. */
enum setting_commands {
    AT_UPLOAD = 1,
    AT_ADD = 2,
    AT_LIST = 4,
    AT_CONTROL = 8,
    AT_RUN = 16,
    AT_DOCTOR = 32,
    AT_EXPLAIN = 64,
    AT_SEND = AT_UPLOAD | AT_ADD,
    AT_CONNECT = AT_SEND | AT_DOCTOR,
    AT_ALL = 127,
};

/* Where a value comes from decides how it is judged. */
enum setting_origin {
    SETTING_FROM_NOWHERE,
    SETTING_FROM_COMMAND, /* other users can see it */
    SETTING_FROM_FILE,    /* a configuration file */
    SETTING_FROM_QUEUE,   /* judged before */
};

enum setting_rule {
    SETTING_RULE_ANY,
    SETTING_RULE_RANGE,
    SETTING_RULE_USER,
    SETTING_RULE_FILE_NAME,
    SETTING_RULE_PROXY,
    SETTING_RULE_HEADER,
};

/* What counts if it is not given, as it would be written. */
struct setting_default {
    const char *usual;  /* NULL: nothing */
    const char *queued; /* in the queue; NULL: the same */
};

/* What a value must fulfil beyond its kind. */
struct setting_check {
    enum setting_rule rule;
    uint64_t least; /* RANGE */
    uint64_t most;  /* RANGE */
};

struct setting {
    enum setting_kind kind;
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none */
    unsigned commands;    /* bits of enum setting_commands */
    bool is_key;
    struct setting_default usual;
    struct setting_check check;
    const char *help;
    size_t offset; /* of the field in struct settings */
};

/* By enum setting_id. */
extern const struct setting settings_table[SETTING_COUNT];

#define SETTINGS_HELP_MAX 256

/* The help, and the default behind it. */
void settings_help(const struct setting *setting,
                   char ret_help[SETTINGS_HELP_MAX]);

#define SETTING_TYPE_FLAG bool
#define SETTING_TYPE_TEXT const char * /* NULL: not given; lives in texts */
#define SETTING_TYPE_PATH const char * /* the same; absolute */
#define SETTING_TYPE_LIST struct config_list /* borrowed from texts */
#define SETTING_TYPE_COUNT uint64_t
#define SETTING_TYPE_SIZE uint64_t     /* 0: not given */
#define SETTING_TYPE_FRAGMENT uint64_t /* 0: auto */
#define SETTING_TYPE_DURATION uint64_t /* seconds */
#define SETTING_TYPE_AUTH enum settings_auth
#define SETTING_TYPE_METHOD enum settings_method

struct settings {
#define OPTION(kind, field, name, letter, argument, commands, key, def, check, \
               help)                                                           \
    SETTING_TYPE_##kind field;
#include "client/settings/options.def"
    struct config_list texts[SETTING_COUNT];    /* private */
    enum setting_origin origins[SETTING_COUNT]; /* private */
};

/* Everything has its usual default. */
void settings_init(struct settings *settings);
void settings_done(struct settings *settings);

#define SETTINGS_FAULT_MAX 384

/* Sets an option from its text; a FLAG takes "yes" or "no", a LIST grows.
 * False: the fault is a sentence that says why and what to write instead. */
bool settings_set(struct settings *settings, enum setting_id id,
                  const char *text, enum setting_origin origin,
                  char ret_fault[SETTINGS_FAULT_MAX]);

bool settings_is_set(const struct settings *settings, enum setting_id id);

/* The texts that were set, none if none was; a PATH is absolute. */
const struct config_list *settings_text(const struct settings *settings,
                                        enum setting_id id);

/* Takes over what is set in `from` and not in `settings`.  False: out of
 * memory. */
bool settings_inherit(struct settings *settings, const struct settings *from);

/* Does the URL name a host, and nobody's name or password?  The same for a
 * proxy, whose scheme may be missing.  False: the fault says it. */
bool settings_judge_url(const char *url, char ret_fault[SETTINGS_FAULT_MAX]);
bool settings_judge_proxy(const char *url, char ret_fault[SETTINGS_FAULT_MAX]);

/* Is it "Name: value", and none of those that the protocol or HTTP sets?  The
 * value may be a secret only in a file of its own. */
bool settings_judge_header(const char *header, bool may_be_secret,
                           char ret_fault[SETTINGS_FAULT_MAX]);

/* Does a header that was judged prove who the user is? */
bool settings_header_is_secret(const char *header);

/* By its long name; false: there is none. */
bool settings_find(const char *name, enum setting_id *ret_id);

#endif
