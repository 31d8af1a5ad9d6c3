/*
 * client/settings_set.c: settings_set(): what a text must look like is judged
 * here by kind, and in settings_judge.c where more is to be said.
 */
#include "client/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/memory.h"
#include "config/value.h"

struct choice {
    enum setting_kind kind;
    const char *word;
    int constant;
};

static const struct choice choices[] = {
#define CHOICE(kind, word, constant) {SETTING_KIND_##kind, word, constant},
#include "client/options.def"
};

#define CHOICE_COUNT (sizeof(choices) / sizeof(choices[0]))

struct setter {
    struct settings *settings;
    enum setting_id id;
    enum setting_origin origin;
    char *fault; /* SETTINGS_FAULT_MAX */
};

static void *field_of(const struct setter *setter)
{
    return (char *)setter->settings + settings_table[setter->id].offset;
}

PRINTF_LIKE(2, 3)
static bool refuse(const struct setter *setter, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(setter->fault, SETTINGS_FAULT_MAX, format, arguments);
    va_end(arguments);
    return false;
}

/* Keeps the text; what was there is replaced, but in a LIST. */
static bool keep(const struct setter *setter, const char *text)
{
    struct config_list *texts = &setter->settings->texts[setter->id];

    if (settings_table[setter->id].kind != SETTING_KIND_LIST) {
        config_list_done(texts);
    }
    if (!config_list_add(texts, text)) {
        return refuse(setter, "out of memory");
    }
    setter->settings->origins[setter->id] = setter->origin;
    return true;
}

static bool set_flag(const struct setter *setter, const char *text)
{
    bool flag;

    if (!value_read_flag(text_of(text), &flag)) {
        return refuse(setter, "\"%s\" is neither yes nor no", text);
    }
    *(bool *)field_of(setter) = flag;
    return keep(setter, text);
}

static bool set_text(const struct setter *setter, const char *text)
{
    if (!keep(setter, text)) {
        return false;
    }
    *(const char **)field_of(setter) =
        setter->settings->texts[setter->id].items[0];
    return true;
}

/* The absolute name of a file; the caller frees.  NULL: refused. */
static char *absolute(const struct setter *setter, const char *name)
{
    CLEANUP(free_string) char *folder = NULL;
    char *path;

    if (name[0] == '/') {
        return strdup(name);
    }
    if (setter->origin == SETTING_FROM_COMMAND) {
        folder = getcwd(NULL, 0);
    } else if (strncmp(name, "~/", 2) == 0 && getenv("HOME")) {
        folder = strdup(getenv("HOME"));
        name += 2;
    } else {
        (void)refuse(setter, "\"%s\" needs a folder in front: /... or ~/...",
                     name);
        return NULL;
    }
    if (!folder || asprintf(&path, "%s/%s", folder, name) < 0) {
        (void)refuse(setter, "the working folder has no name");
        return NULL;
    }
    return path;
}

static bool set_path(const struct setter *setter, const char *text)
{
    CLEANUP(free_string) char *path = NULL;

    if (text[0] == '\0') {
        return refuse(setter, "the name of the file is empty");
    }
    path = absolute(setter, text);
    return path && set_text(setter, path);
}

static bool set_header(const struct setter *setter, const char *text)
{
    CLEANUP(free_string) char *path = NULL;
    CLEANUP(free_string) char *value = NULL;

    if (text[0] != '@') {
        return settings_judge_header(text, /* may_be_secret= */ false,
                                     setter->fault) &&
               keep(setter, text);
    }
    path = absolute(setter, text + 1);
    if (!path) {
        return false;
    }
    if (asprintf(&value, "@%s", path) < 0) {
        value = NULL;
        return refuse(setter, "out of memory");
    }
    return keep(setter, value);
}

static bool set_list(const struct setter *setter, const char *text)
{
    bool kept = setter->id == SETTING_header ? set_header(setter, text)
                                             : keep(setter, text);

    *(struct config_list *)field_of(setter) =
        setter->settings->texts[setter->id];
    return kept;
}

static bool set_size(const struct setter *setter, const char *text)
{
    uint64_t bytes;

    if (!value_read_size(text_of(text), &bytes) || bytes == 0) {
        return refuse(setter,
                      "\"%s\" is no size; write digits, with k, M, G or T "
                      "behind them if you like",
                      text);
    }
    *(uint64_t *)field_of(setter) = bytes;
    return keep(setter, text);
}

static bool set_fragment(const struct setter *setter, const char *text)
{
    if (strcmp(text, "auto") == 0) {
        *(uint64_t *)field_of(setter) = 0;
        return keep(setter, text);
    }
    return set_size(setter, text);
}

static bool set_duration(const struct setter *setter, const char *text)
{
    uint64_t seconds;

    if (!value_read_duration(text_of(text), &seconds) || seconds > UINT32_MAX) {
        return refuse(setter,
                      "\"%s\" is no time; write digits with s, m, h or d "
                      "behind them",
                      text);
    }
    *(uint64_t *)field_of(setter) = seconds;
    return keep(setter, text);
}

/* "auto, basic, digest"; cut where the room ends. */
static void list_words(enum setting_kind kind, char *room, size_t size)
{
    size_t len = 0;

    room[0] = '\0';
    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (choices[i].kind == kind && len < size) {
            len += (size_t)snprintf(room + len, size - len, "%s%s",
                                    len > 0 ? ", " : "", choices[i].word);
        }
    }
}

/* The constant that the word stands for; -1: it is none of them. */
static int find_choice(const struct setter *setter, const char *word)
{
    enum setting_kind kind = settings_table[setter->id].kind;
    char words[128];

    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (choices[i].kind == kind && strcmp(choices[i].word, word) == 0) {
            return choices[i].constant;
        }
    }
    list_words(kind, words, sizeof(words));
    (void)refuse(setter, "\"%s\" is none of %s", word, words);
    return -1;
}

static bool set_auth(const struct setter *setter, const char *text)
{
    int auth = find_choice(setter, text);

    if (auth < 0) {
        return false;
    }
    *(enum settings_auth *)field_of(setter) = (enum settings_auth)auth;
    return keep(setter, text);
}

static bool set_method(const struct setter *setter, const char *text)
{
    int method = find_choice(setter, text);

    if (method < 0) {
        return false;
    }
    *(enum settings_method *)field_of(setter) = (enum settings_method)method;
    return keep(setter, text);
}

/* What is to be said about some options besides their kind. */
static bool judge(const struct setter *setter, const char *text)
{
    if (setter->id == SETTING_user && strchr(text, ':')) {
        return refuse(setter, "a name has no colon, and a password here is "
                              "seen by others; write it into a file of mode "
                              "0600 and name that with password-file");
    }
    if (setter->id == SETTING_proxy) {
        return settings_judge_proxy(text, setter->fault);
    }
    if (setter->id == SETTING_name &&
        (text[0] == '\0' || strchr(text, '/') || strcmp(text, ".") == 0 ||
         strcmp(text, "..") == 0)) {
        return refuse(setter, "\"%s\" is no name of a file", text);
    }
    return true;
}

bool settings_set(struct settings *settings, enum setting_id id,
                  const char *text, enum setting_origin origin,
                  char ret_fault[SETTINGS_FAULT_MAX])
{
    const struct setter setter = {settings, id, origin, ret_fault};

    if (!judge(&setter, text)) {
        return false;
    }
    switch (settings_table[id].kind) {
    case SETTING_KIND_FLAG:
        return set_flag(&setter, text);
    case SETTING_KIND_TEXT:
        return set_text(&setter, text);
    case SETTING_KIND_PATH:
        return set_path(&setter, text);
    case SETTING_KIND_LIST:
        return set_list(&setter, text);
    case SETTING_KIND_SIZE:
        return set_size(&setter, text);
    case SETTING_KIND_FRAGMENT:
        return set_fragment(&setter, text);
    case SETTING_KIND_DURATION:
        return set_duration(&setter, text);
    case SETTING_KIND_AUTH:
        return set_auth(&setter, text);
    case SETTING_KIND_METHOD:
        return set_method(&setter, text);
    }
    return refuse(&setter, "no such option");
}
