/*
 * config/source.c: see source.h; source_read() is in reader.c.
 */
#include "config/source.h"

#include <stdlib.h>
#include <string.h>

#include "config/list.h"

static void section_done(struct source_section *section)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        config_list_done(&section->values[i].texts);
    }
    free(section->title);
}

void source_done(struct source *source)
{
    for (size_t i = 0; i < source->count; i++) {
        section_done(&source->sections[i]);
    }
    free(source->sections);
    *source = (struct source){0};
}

struct source_section *source_add(struct source *source, enum source_kind kind,
                                  const char *title, unsigned line)
{
    struct source_section *sections;
    struct source_section *section;

    sections =
        realloc(source->sections, (source->count + 1) * sizeof(*sections));
    if (!sections) {
        return NULL;
    }
    source->sections = sections;
    section = &sections[source->count];
    *section = (struct source_section){.kind = kind, .line = line};
    if (title) {
        section->title = strdup(title);
        if (!section->title) {
            return NULL;
        }
    }
    source->count++;
    return section;
}

bool source_put(struct source_section *section, const struct option *option,
                const char *text, struct config_origin origin,
                struct report *report)
{
    struct source_value *value = &section->values[option - options];
    char fault[OPTION_FAULT_MAX];

    if (value->origin.kind == CONFIG_ORIGIN_DEFAULT) {
        value->origin = origin;
    }
    switch (option_judge(option, text, fault)) {
    case OPTION_SET:
        return config_list_add(&value->texts, text);
    case OPTION_WRONG:
        value->broken = true;
        report_add(report, origin, "%s: %s", option->name, fault);
        return true;
    case OPTION_NO_MEMORY:
        break;
    }
    return false;
}
