/*
 * client/settings/set.c: settings_set(): what a text must look like is judged
 * here, in read.c for numbers and words, and in judge.c where
 * more is to be said.
 */
#include "client/settings/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/memory.h"
#include "config/list.h"

struct setter {
    struct settings *settings;
    enum setting_id id;
    enum setting_origin origin;
    char *fault; /* SETTINGS_FAULT_MAX */
};

static void *field_of(const struct setter *setter)
{
    return settings_field(setter->settings, setter->id);
}

/* Keeps the text; what was there is replaced, but in a LIST. */
static bool keep(const struct setter *setter, const char *text)
{
    struct config_list *texts = &setter->settings->texts[setter->id];

    if (settings_table[setter->id].kind != SETTING_KIND_LIST) {
        config_list_done(texts);
    }
    if (!config_list_add(texts, text)) {
        return settings_refuse(setter->fault, "out of memory");
    }
    setter->settings->origins[setter->id] = setter->origin;
    return true;
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
        (void)settings_refuse(setter->fault,
                              "\"%s\" needs a folder in front: /... or ~/...",
                              name);
        return NULL;
    }
    if (!folder || asprintf(&path, "%s/%s", folder, name) < 0) {
        (void)settings_refuse(setter->fault, "the working folder has no name");
        return NULL;
    }
    return path;
}

static bool set_path(const struct setter *setter, const char *text)
{
    CLEANUP(free_string) char *path = NULL;

    if (text[0] == '\0') {
        return settings_refuse(setter->fault, "the name of the file is empty");
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
        return settings_refuse(setter->fault, "out of memory");
    }
    return keep(setter, value);
}

static bool set_list(const struct setter *setter, const char *text)
{
    bool kept = settings_table[setter->id].check.rule == SETTING_RULE_HEADER
                    ? set_header(setter, text)
                    : keep(setter, text);

    *(struct config_list *)field_of(setter) =
        setter->settings->texts[setter->id];
    return kept;
}

/* A value that is not its text. */
static bool set_value(const struct setter *setter, const char *text)
{
    return settings_read(&settings_table[setter->id], text, field_of(setter),
                         setter->fault) &&
           keep(setter, text);
}

static bool is_file_name(const char *text)
{
    return text[0] != '\0' && !strchr(text, '/') && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

/* RANGE is judged where the number is read, HEADER where it is known what is
 * the header's and what a file's name. */
static bool judge(const struct setter *setter, const char *text)
{
    switch (settings_table[setter->id].check.rule) {
    case SETTING_RULE_USER:
        return !strchr(text, ':') ||
               settings_refuse(setter->fault,
                               "a name has no colon, and a password here is "
                               "seen by others; write it into a file of mode "
                               "0600 and name that with password-file");
    case SETTING_RULE_FILE_NAME:
        return is_file_name(text) ||
               settings_refuse(setter->fault, "\"%s\" is not a name of a file",
                               text);
    case SETTING_RULE_PROXY:
        return settings_judge_proxy(text, setter->fault);
    case SETTING_RULE_ANY:
    case SETTING_RULE_RANGE:
    case SETTING_RULE_HEADER:
        break;
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
    case SETTING_KIND_TEXT:
        return set_text(&setter, text);
    case SETTING_KIND_PATH:
        return set_path(&setter, text);
    case SETTING_KIND_LIST:
        return set_list(&setter, text);
    case SETTING_KIND_FLAG:
    case SETTING_KIND_COUNT:
    case SETTING_KIND_SIZE:
    case SETTING_KIND_FRAGMENT:
    case SETTING_KIND_DURATION:
    case SETTING_KIND_AUTH:
    case SETTING_KIND_METHOD:
        return set_value(&setter, text);
    }
    return settings_refuse(ret_fault, "no such option");
}
