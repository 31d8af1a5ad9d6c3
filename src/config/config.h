/*
 * config/config.h: the configuration of bitsd.
 *
 * A loaded configuration never changes.  It is reference-counted: every user
 * holds a reference, and a reload installs a new configuration.
 *
 * Forms and contradictions are checked here.  Whether a folder exists or a port
 * is free is checked where it is opened.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "options/list.h"
#include "options/value.h"

/* The words that options accept, for all options in one enum. */
enum config_choice {
#define CHOICE(kind, word, constant) constant,
#include "config/choices.def"
#undef CHOICE
};

#define CONFIG_TYPE_TEXT char *
#define CONFIG_TYPE_LIST struct string_list
#define CONFIG_TYPE_FLAG bool
#define CONFIG_TYPE_NUMBER uint64_t
#define CONFIG_TYPE_SIZE uint64_t     /* bytes */
#define CONFIG_TYPE_DURATION uint64_t /* seconds */
#define CONFIG_TYPE_MODE unsigned
#define CONFIG_TYPE_SPACE struct option_space
#define CONFIG_TYPE_CHOICE_LOG_FORMAT enum config_choice
#define CONFIG_TYPE_CHOICE_LOG_LEVEL enum config_choice
#define CONFIG_TYPE_CHOICE_TLS_VERSION enum config_choice
#define CONFIG_TYPE_CHOICE_CERTIFICATE_USER enum config_choice
#define CONFIG_TYPE_CHOICE_ENABLED enum config_choice
#define CONFIG_TYPE_CHOICE_ON_EXISTS enum config_choice
#define CONFIG_TYPE_CHOICE_NAMES enum config_choice
#define CONFIG_TYPE_CHOICE_ZERO_LENGTH enum config_choice
#define CONFIG_TYPE_CHOICE_DURABILITY enum config_choice
#define CONFIG_TYPE_CHOICES_ACCESS uint64_t

struct config_server {
#define SERVER(kind, name, def, check, reload, iis, help)                      \
    CONFIG_TYPE_##kind name;
#define UPLOAD(kind, name, def, check, reload, iis, help)
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

/* root and temp_dir are set in a loaded configuration. */
struct config_upload {
    char *prefix; /* the section's title: starts with '/', no '/' at the end
                     unless it is "/"; compared with the start of the decoded
                     path */
#define SERVER(kind, name, def, check, reload, iis, help)
#define UPLOAD(kind, name, def, check, reload, iis, help)                      \
    CONFIG_TYPE_##kind name;
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

struct config_details;

struct config {
    struct config_server server;
    struct config_upload *uploads;  /* in the order of the file */
    size_t upload_count;            /* at least 1 */
    struct config_details *details; /* private */
};

/* Values of the command line; they override the file.  Borrowed. */
struct config_overrides {
    const char *const *listen; /* -l, each time it was given */
    size_t listen_count;       /* 0: use the file's */
    const char *state_dir;     /* -s; NULL: use the file's */
};

/* Reads a file. overrides may be NULL.  The caller owns one reference.  Returns
 * NULL on failure and appends every error to *errors, one line each without a
 * line end: `/etc/bitsd.conf:12: max_upload_size: "10x" is not a size; ...`.
 * No line at all: memory ran out. */
struct config *config_load(const char *path,
                           const struct config_overrides *overrides,
                           struct string_list *errors);

/* The log_format of a file, even of one with errors; text if it cannot be
 * determined. */
enum config_choice config_peek_log_format(const char *path);

/* Like config_load(), without a file: prefix "/" stores into dir (absolute),
 * state_dir is DIR/.bitsd unless overridden, the other options have their
 * defaults. */
struct config *config_new_simple(const char *dir,
                                 const struct config_overrides *overrides,
                                 struct string_list *errors);

/* Any thread. ref returns its argument; the last unref frees. */
struct config *config_ref(struct config *config);
void config_unref(struct config *config);

/* Writes every option of every section in the syntax of the file, each with a
 * comment that names the origin of its value.  Loading the text gives the same
 * values.  Returns false if writing to the stream failed. */
bool config_dump(const struct config *config, FILE *stream);

/* For "did you mean /uploads?": the prefix closest to a request's path (decoded
 * or not, terminated), or NULL if none is close.  Borrowed from config. */
const char *config_nearest_prefix(const struct config *config,
                                  const char *path);

/* Call if other machines can reach `address`.  Returns false if a section lacks
 * the option that says who may upload; appends a line for each such section to
 * *errors.  A configuration without a file needs no such option. */
bool config_says_who(const struct config *config, const char *address,
                     struct string_list *errors);

/* Call if no listener requires certificates of clients.  Returns false if a
 * section has access = certificate, so that no client could use it; appends a
 * line for each such section to *errors. */
bool config_needs_no_certificates(const struct config *config,
                                  struct string_list *errors);

#define CONFIG_PLACE_MAX 256

/* Writes the origin of an option's value in the form used by errors:
 * "/etc/bitsd.conf:12", or "command line". upload is one of the configuration's
 * uploads, or NULL for an option of the server. */
void config_write_place(const struct config *config,
                        const struct config_upload *upload, const char *option,
                        char ret_place[CONFIG_PLACE_MAX]);

/* Compares the server's options that a reload cannot change.  Appends one line
 * for each difference: "/etc/bitsd.conf:3: listen cannot change on reload;
 * restart bitsd".  Returns the number of differences, or of those for which
 * memory sufficed; -1 if memory ran out. */
int config_compare(const struct config *running, const struct config *next,
                   struct string_list *errors);

#endif
