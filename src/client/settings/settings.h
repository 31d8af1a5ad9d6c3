/*
 * client/settings/settings.h: the settings of the user, from options.def:
 * values and their texts, independent of where they come from.
 *
 * A value also keeps its text, so that the queue can store settings with
 * settings_text() and restore them with settings_set().
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

/* The commands that accept an option, as a set of bits. */
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

/* The origin of a value decides how it is checked. */
enum setting_origin {
    SETTING_FROM_NOWHERE,
    SETTING_FROM_COMMAND, /* other users can see it */
    SETTING_FROM_FILE,    /* a configuration file */
    SETTING_FROM_QUEUE,   /* checked earlier */
};

struct setting {
    struct option_row option; /* first, so that a pointer to it is one to the
                                 row */
    char letter;              /* 0: none */
    const char *argument;     /* NULL: no argument */
    unsigned commands;        /* bits of enum setting_commands */
    bool is_key;
    bool is_path;       /* TEXT: the absolute name of a file */
    const char *queued; /* the default for jobs of the queue; NULL: the same */
    const char *help;
};

/* Indexed by enum setting_id. */
extern const struct setting settings_table[SETTING_COUNT];

#define SETTINGS_HELP_MAX 256

/* The help, followed by the default. */
void settings_help(const struct setting *setting,
                   char ret_help[SETTINGS_HELP_MAX]);

#define SETTING_TYPE_FLAG bool
#define SETTING_TYPE_TEXT char * /* NULL: not set */
#define SETTING_TYPE_PATH char * /* NULL: not set; absolute */
#define SETTING_TYPE_LIST struct string_list
#define SETTING_TYPE_NUMBER uint64_t
#define SETTING_TYPE_SIZE uint64_t     /* 0: not set, or auto */
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

/* Sets every value to its default. */
void settings_init(struct settings *settings);
void settings_done(struct settings *settings);

/* Sets an option from its text; a FLAG accepts "yes" or "no", a LIST grows.
 * Returns false on failure; the fault is a sentence with the reason and the
 * remedy. */
bool settings_set(struct settings *settings, enum setting_id id,
                  const char *text, enum setting_origin origin,
                  struct fault *ret_fault);

bool settings_is_set(const struct settings *settings, enum setting_id id);

/* The texts that were set, empty if none was; a PATH is absolute. */
const struct string_list *settings_text(const struct settings *settings,
                                        enum setting_id id);

/* Copies settings from `from` that `settings` does not have.  Returns false if
 * memory ran out. */
bool settings_inherit(struct settings *settings, const struct settings *from);

/* Checks that the URL has a host, and neither user name nor password.  Also for
 * a proxy, whose scheme may be missing.  Returns false with the reason in the
 * fault if it does not. */
bool settings_judge_url(const char *url, struct fault *ret_fault);
bool settings_judge_proxy(const char *url, struct fault *ret_fault);

/* Checks that it is "Name: value", and not a header that the protocol or HTTP
 * sets. */
bool settings_judge_header(const char *header, struct fault *ret_fault);

/* Returns true if a checked header contains credentials. */
bool settings_header_is_secret(const char *header);

/* Finds an option by its long name.  Returns false if it is unknown. */
bool settings_find(const char *name, enum setting_id *ret_id);

/* Adds settings from a configuration file for the URL, unless they are set
 * already:
 *
 *     url "https://host/prefix" {
 *         user = "ann"
 *         password-file = "/etc/bits/ann"
 *     }
 *
 * The keys are the long options.  If several sections match, the one with the
 * longest prefix takes precedence.  A missing file counts as empty.  Returns
 * false if there were errors; appends each to `errors`, one line each. */
bool settings_read_file(struct settings *settings, const char *path,
                        const char *url, struct string_list *errors);

/* Returns true if the URL is below the prefix, by whole segments.  Scheme and
 * host in any case; the scheme's default port may be omitted. */
bool settings_url_is_below(const char *url, const char *prefix);

#endif
