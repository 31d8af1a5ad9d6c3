/*
 * client/settings/set.c: settings_set(): makes names of files absolute;
 * options/ does the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "client/settings/judge.h"

/* The name of a file in the text of an option.  Returns NULL if it has none. */
static const char *file_name_in(const struct setting *setting, const char *text)
{
    if (setting->is_path) {
        return text;
    }
    return setting->option.check.judge == setting_judge_header && text[0] == '@'
               ? text + 1
               : NULL;
}

/* The folder that a relative name refers to; the caller frees it.  Returns NULL
 * if such a name is refused. */
static char *folder_of(const char **name, enum setting_origin origin,
                       struct fault *ret_fault)
{
    const char *home = getenv("HOME");
    char *folder;

    if (origin == SETTING_FROM_COMMAND) {
        folder = getcwd(NULL, 0);
    } else if (strncmp(*name, "~/", 2) == 0 && home) {
        folder = strdup(home);
        *name += 2;
    } else {
        (void)fault_set(ret_fault,
                        QUOTED "needs a folder in front: /... or ~/...", *name);
        return NULL;
    }
    if (!folder) {
        (void)fault_set(ret_fault, "the working folder has no name");
    }
    return folder;
}

/* The text with the file's absolute name in it; the caller frees it.  Returns
 * NULL with the reason in the fault on failure. */
static char *complete(const struct setting *setting, const char *text,
                      enum setting_origin origin, struct fault *ret_fault)
{
    CLEANUP(free_string) char *folder = NULL;
    const char *name = file_name_in(setting, text);
    const int before = name ? (int)(name - text) : 0;
    char *whole;
    int length;

    if (name && setting->is_path && name[0] == '\0') {
        (void)fault_set(ret_fault, "the name of the file is empty");
        return NULL;
    }
    if (name && name[0] != '/') {
        folder = folder_of(&name, origin, ret_fault);
        if (!folder) {
            return NULL;
        }
    }
    length = folder ? asprintf(&whole, "%.*s%s/%s", before, text, folder, name)
                    : asprintf(&whole, "%s", text);
    if (length < 0) {
        (void)fault_set(ret_fault, "out of memory");
        return NULL;
    }
    return whole;
}

/* Stores the text; replaces an earlier one, except in a LIST. */
static bool keep(struct settings *settings, enum setting_id id,
                 const char *text)
{
    struct string_list *texts = &settings->texts[id];

    if (settings_table[id].option.kind != OPTION_LIST) {
        string_list_done(texts);
    }
    return string_list_add(texts, text);
}

bool settings_set(struct settings *settings, enum setting_id id,
                  const char *text, enum setting_origin origin,
                  struct fault *ret_fault)
{
    const struct setting *setting = &settings_table[id];
    CLEANUP(free_string)
    char *whole = complete(setting, text, origin, ret_fault);

    if (!whole || !option_set(&setting->option, settings, whole, ret_fault)) {
        return false;
    }
    settings->origins[id] = origin;
    return keep(settings, id, whole) || fault_set(ret_fault, "out of memory");
}

bool setting_judge_text(const struct option_row *option, const char *text,
                        struct fault *ret_fault)
{
    CLEANUP(free_string)
    char *whole =
        complete(setting_of(option), text, SETTING_FROM_FILE, ret_fault);

    return whole && option_judge(option, whole, ret_fault);
}
