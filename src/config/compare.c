/*
 * config/compare.c: config_compare().
 */
#include <string.h>

#include "config/load.h"
#include "config/source.h"

/* One pair of structs; title is that of an upload section, or NULL. */
static bool compare(enum option_home kind, const char *title, const void *home,
                    const void *other, struct config_errors *errors, int *count)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        const char *words = "cannot change on reload; restart bitsd";
        bool added;

        if (option->home != kind || option->reload != OPTION_RELOAD_START ||
            option_is_same(option, home, other)) {
            continue;
        }
        added = title
                    ? config_errors_add(errors, SECTION_UPLOAD " \"%s\": %s %s",
                                        title, option->name, words)
                    : config_errors_add(errors, "%s %s", option->name, words);
        if (!added) {
            return false;
        }
        ++*count;
    }
    return true;
}

static const struct config_upload *find_upload(const struct config *config,
                                               const char *prefix)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        if (strcmp(config->uploads[i].prefix, prefix) == 0) {
            return &config->uploads[i];
        }
    }
    return NULL;
}

int config_compare(const struct config *running, const struct config *next,
                   struct config_errors *errors)
{
    int count = 0;

    if (!compare(OPTION_HOME_SERVER, NULL, &running->server, &next->server,
                 errors, &count)) {
        return -1;
    }
    for (size_t i = 0; i < running->upload_count; i++) {
        const struct config_upload *old = &running->uploads[i];
        const struct config_upload *new = find_upload(next, old->prefix);

        if (new && !compare(OPTION_HOME_UPLOAD, old->prefix, old, new, errors,
                            &count)) {
            return -1;
        }
    }
    return count;
}
