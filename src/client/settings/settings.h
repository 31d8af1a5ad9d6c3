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

#include "options/option.h"

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

/* The commands that take an option, as a set of bits. */
enum setting_commands {
    AT_UPLOAD = 1,
    AT_ADD = 2,
    AT_LIST = 4,
    AT_CONTROL = 8,
    AT_RUN = 16,
    AT_DOCTOR = 32,
    AT_EXPLAIN = 64,
    AT_REMOVE = 128,
    AT_SEND = AT_UPLOAD | AT_ADD,
    AT_CONNECT = AT_SEND | AT_DOCTOR,
    AT_ALL = 255,
};

/* Where a value comes from decides how it is judged. */
enum setting_origin {
    SETTING_FROM_NOWHERE,
    SETTING_FROM_COMMAND, /* other users can see it */
    SETTING_FROM_FILE,    /* a configuration file */
    SETTING_FROM_QUEUE,   /* judged before */
};

struct setting {
    struct option_row option; /* first, so that one leads to the other */
    char letter;              /* 0: none */
    const char *argument;     /* NULL: takes none */
    unsigned commands;        /* bits of enum setting_commands */
    bool is_key;
    bool is_path;       /* TEXT: the absolute name of a file */
    const char *queued; /* the default in the queue; NULL: the same */
    const char *help;
};

/* By enum setting_id. */
extern const struct setting settings_table[SETTING_COUNT];

#define SETTINGS_HELP_MAX 256

/* The help, and the default behind it. */
void settings_help(const struct setting *setting,
                   char ret_help[SETTINGS_HELP_MAX]);

#define SETTING_TYPE_FLAG bool
#define SETTING_TYPE_TEXT char * /* NULL: not given */
#define SETTING_TYPE_PATH char * /* the same; absolute */
#define SETTING_TYPE_LIST struct string_list
#define SETTING_TYPE_NUMBER uint64_t
#define SETTING_TYPE_SIZE uint64_t     /* 0: not given, or auto */
#define SETTING_TYPE_DURATION uint64_t /* seconds */
#define SETTING_TYPE_AUTH enum settings_auth
#define SETTING_TYPE_METHOD enum settings_method

struct settings {
#define OPTION(kind, field, name, letter, argument, commands, key, def, check, \
               help)                                                           \
    SETTING_TYPE_##kind field;
#include "client/settings/options.def"
    struct string_list texts[SETTING_COUNT];    /* private */
    enum setting_origin origins[SETTING_COUNT]; /* private */
};

/* Everything has its usual default. */
void settings_init(struct settings *settings);
void settings_done(struct settings *settings);

/* Sets an option from its text; a FLAG takes "yes" or "no", a LIST grows.
 * False: the fault is a sentence that says why and what to write instead. */
bool settings_set(struct settings *settings, enum setting_id id,
                  const char *text, enum setting_origin origin,
                  struct fault *ret_fault);

bool settings_is_set(const struct settings *settings, enum setting_id id);

/* The texts that were set, none if none was; a PATH is absolute. */
const struct string_list *settings_text(const struct settings *settings,
                                        enum setting_id id);

/* Takes over what is set in `from` and not in `settings`.  False: out of
 * memory. */
bool settings_inherit(struct settings *settings, const struct settings *from);

/* Does the URL name a host, and nobody's name or password?  The same for a
 * proxy, whose scheme may be missing.  False: the fault says it. */
bool settings_judge_url(const char *url, struct fault *ret_fault);
bool settings_judge_proxy(const char *url, struct fault *ret_fault);

/* Is it "Name: value", and none of those that the protocol or HTTP sets? */
bool settings_judge_header(const char *header, struct fault *ret_fault);

/* Does a header that was judged prove who the user is? */
bool settings_header_is_secret(const char *header);

/* By its long name; false: there is none. */
bool settings_find(const char *name, enum setting_id *ret_id);

/* Takes over what a configuration file says for the URL and what is not set
 * yet:
 *
 *     url "https://host/prefix" {
 *         user = "ann"
 *         password-file = "/etc/bits/ann"
 *     }
 *
 * The keys are the long options.  Of several sections that fit, the one with
 * the longest prefix speaks first.  A file that is not there is empty.  False:
 * everything that is wrong was appended to the errors, a line each. */
bool settings_read_file(struct settings *settings, const char *path,
                        const char *url, struct string_list *errors);

/* Does the URL lie below the prefix, by whole segments?  Scheme and host in any
 * case; a port that is the scheme's own may be left out. */
bool settings_url_is_below(const char *url, const char *prefix);

#endif
