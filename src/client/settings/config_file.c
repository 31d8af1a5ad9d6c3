/*
 * client/settings/config_file.c: settings_read_file().
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/compiler.h"
#include "client/settings/judge.h"
#include "options/document.h"

static const struct option_row *find_key(const char *name)
{
    enum setting_id id;

    return settings_find(name, &id) && settings_table[id].is_key
               ? &settings_table[id].option
               : NULL;
}

static const struct section_kind sections[] = {
    {"url", settings_judge_url, find_key, setting_judge_text},
    {NULL, NULL, NULL, NULL},
};

static enum setting_id id_of(const struct option_row *option)
{
    return (enum setting_id)(setting_of(option) - settings_table);
}

/* The section with the longest matching prefix that is shorter than `below`. */
static const struct section *find_section(const struct document *document,
                                          const char *url, size_t below)
{
    const struct section *best = NULL;

    for (size_t i = 0; i < document->section_count; i++) {
        const struct section *section = &document->sections[i];
        size_t length = strlen(section->title);

        if (length < below && (!best || length > strlen(best->title)) &&
            settings_url_is_below(url, section->title)) {
            best = section;
        }
    }
    return best;
}

static bool take_section(struct settings *settings,
                         const struct section *section)
{
    struct settings found;
    struct fault fault;
    bool good = true;

    settings_init(&found);
    for (size_t i = 0; good && i < section->item_count; i++) {
        const struct item *item = &section->items[i];

        good = settings_set(&found, id_of(item->option), item->text,
                            SETTING_FROM_FILE, &fault);
    }
    good = good && settings_inherit(settings, &found);
    settings_done(&found);
    return good;
}

bool settings_read_file(struct settings *settings, const char *path,
                        const char *url, struct string_list *errors)
{
    struct report report = {.lines = errors};
    CLEANUP(document_done) struct document document = {.path = path};
    const struct section *section;
    struct stat info;
    size_t below = SIZE_MAX;

    if (stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    if (!document_read(&document, sections, &report) || report.failed) {
        return false;
    }
    while ((section = find_section(&document, url, below)) != NULL) {
        if (!take_section(settings, section)) {
            report_add(&report, (struct place){path, section->line},
                       "out of memory");
            return false;
        }
        below = strlen(section->title);
    }
    return true;
}
