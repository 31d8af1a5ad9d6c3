/*
 * options/document.c: see document.h; document_read() is in reader.c,
 * document_judge() in document_judge.c.
 */
#include "options/document.h"

#include <stdlib.h>
#include <string.h>

void document_done(struct document *document)
{
    for (size_t i = 0; i < document->section_count; i++) {
        struct section *section = &document->sections[i];

        for (size_t j = 0; j < section->item_count; j++) {
            free(section->items[j].text);
        }
        free(section->items);
        free(section->title);
    }
    free(document->sections);
    *document = (struct document){0};
}

struct section *document_add(struct document *document,
                             const struct section_kind *kind, const char *title,
                             unsigned line)
{
    struct section *sections = realloc(
        document->sections, (document->section_count + 1) * sizeof(*sections));
    struct section *section;

    if (!sections) {
        return NULL;
    }
    document->sections = sections;
    section = &sections[document->section_count];
    *section = (struct section){.kind = kind, .line = line};
    if (title) {
        section->title = strdup(title);
        if (!section->title) {
            return NULL;
        }
    }
    document->section_count++;
    return section;
}

bool section_add(struct section *section, const struct item *item,
                 const char *text)
{
    struct item *items =
        realloc(section->items, (section->item_count + 1) * sizeof(*items));
    struct item *added;

    if (!items) {
        return false;
    }
    section->items = items;
    added = &items[section->item_count];
    *added = *item;
    added->text = NULL;
    if (text) {
        added->text = strdup(text);
        if (!added->text) {
            return false;
        }
    }
    section->item_count++;
    return true;
}

const struct item *section_find(const struct section *section,
                                const struct option_row *option)
{
    for (size_t i = 0; i < section->item_count; i++) {
        if (section->items[i].option == option) {
            return &section->items[i];
        }
    }
    return NULL;
}

bool section_apply(const struct section *section,
                   const struct option_row *option, void *home)
{
    struct fault fault;

    for (size_t i = 0; i < section->item_count; i++) {
        const struct item *item = &section->items[i];

        if (item->option == option && !item->broken &&
            !option_set(option, home, item->text, &fault)) {
            return false;
        }
    }
    return true;
}

bool section_is_broken(const struct section *section,
                       const struct option_row *option)
{
    for (size_t i = 0; i < section->item_count; i++) {
        if (section->items[i].option == option && section->items[i].broken) {
            return true;
        }
    }
    return false;
}
