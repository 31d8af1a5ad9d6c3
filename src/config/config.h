/*
 * config/config.h: the configuration as the program uses it.
 *
 * A loaded configuration never changes.  It is counted: whoever works under
 * it holds a reference, and a reload puts another one in its place.
 *
 * Everything here is checked for form and for contradictions; whether a
 * folder exists or a port is free is found out by those who open it.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "options/list.h"
#include "options/value.h"

/* The words that options take, those of all options in one enum. */
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
#define CONFIG_TYPE_CHOICE_ENABLED enum config_choice
#define CONFIG_TYPE_CHOICE_ON_EXISTS enum config_choice
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

/* In a loaded configuration root and temp_dir are set. */
struct config_upload {
    char *prefix; /* the section's title: starts with '/', no '/' at the end
                     unless it is "/"; as the decoded path begins */
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
    struct config_upload *uploads;  /* as they stand in the file */
    size_t upload_count;            /* at least 1 */
    struct config_details *details; /* private */
};

/* What the command line says; it goes before the file.  Borrowed. */
struct config_overrides {
    const char *const *listen; /* -l, as often as given */
    size_t listen_count;       /* 0: the file decides */
    const char *state_dir;     /* -s; NULL: the file decides */
};

/* Reads a file.  overrides may be NULL.  On failure NULL, and everything that
 * is wrong is appended to *errors, one line each without a line end (nothing at
 * all: out of memory):
 * `/etc/bitsd.conf:12: max_upload_size: "10x" is not a size; ...`.
 * The caller owns one reference. */
struct config *config_load(const char *path,
                           const struct config_overrides *overrides,
                           struct string_list *errors);

/* The log_format of a file, also of one with errors; text if it cannot be
 * found out. */
enum config_choice config_peek_log_format(const char *path);

/* Like config_load(), without a file: prefix "/" into dir (absolute), state_dir
 * is DIR/.bitsd unless overridden, everything else is default. */
struct config *config_new_simple(const char *dir,
                                 const struct config_overrides *overrides,
                                 struct string_list *errors);

/* Any thread.  ref gives its argument back; the last unref frees. */
struct config *config_ref(struct config *config);
void config_unref(struct config *config);

/* Writes every option of every section in the syntax of the file, each with
 * a comment that says where its value came from.  Loading the text gives the
 * same values.  False: the stream failed. */
bool config_dump(const struct config *config, FILE *stream);

/* "did you mean /uploads?": the prefix that a request's path (decoded or
 * not, terminated) most likely meant, or NULL when none is near.  Borrowed
 * from config. */
const char *config_nearest_prefix(const struct config *config,
                                  const char *path);

/* Other machines reach `address`.  Does each section say who may upload?  A
 * configuration without a file need not.  False: *errors has a line for each
 * section that does not. */
bool config_says_who(const struct config *config, const char *address,
                     struct string_list *errors);

#define CONFIG_PLACE_MAX 256

/* Writes where the value of an option comes from, as errors name it:
 * "/etc/bitsd.conf:12", or "command line".  upload is one of the configuration,
 * or NULL for an option of the server. */
void config_write_place(const struct config *config,
                        const struct config_upload *upload, const char *option,
                        char ret_place[CONFIG_PLACE_MAX]);

/* What differs in the server's options of next although a reload cannot change
 * it, one line each:
 * "/etc/bitsd.conf:3: listen cannot change on reload; restart bitsd".  0 when
 * all is well, else the number of lines (or of those that memory was found for)
 * appended to *errors; -1: out of memory. */
int config_compare(const struct config *running, const struct config *next,
                   struct string_list *errors);

#endif
