/*
 * options/document_judge.c: document_judge().
 */
#include <string.h>

#include "options/document.h"

static struct place at(const struct document *document, unsigned line)
{
    return (struct place){document->path, line};
}

/* --- sections --- */

static bool is_twin(const struct section *a, const struct section *b)
{
    return a->kind == b->kind && (!a->title || strcmp(a->title, b->title) == 0);
}

static void judge_twin(const struct document *document,
                       const struct section *section, struct report *report)
{
    const struct section *first = document->sections;
    const char *title = section->title;

    while (!is_twin(first, section)) {
        first++;
    }
    if (first != section) {
        report_add(report, at(document, section->line),
                   "a second section %s%s%s%s; the first is on line %u",
                   section->kind->name, title ? " \"" : "", title ? title : "",
                   title ? "\"" : "", first->line);
    }
}

static void judge_title(const struct document *document,
                        const struct section *section, struct report *report)
{
    struct fault fault;

    if (section->title && !section->kind->judge_title(section->title, &fault)) {
        report_add(report, at(document, section->line), "%s \"%s\": %s",
                   section->kind->name, section->title, fault.text);
    }
}

/* --- items --- */

/* The first text of the option, if another assignment set it. */
static const struct item *find_twin(const struct section *section,
                                    const struct item *item)
{
    const struct item *first = section_find(section, item->option);

    return item->begins && first != item ? first : NULL;
}

static void judge_item(const struct document *document,
                       const struct section *section, struct item *item,
                       struct report *report)
{
    const struct item *twin = find_twin(section, item);
    const char *name = item->option->name;
    struct fault fault;

    item->broken = true;
    if (twin) {
        report_add(report, at(document, item->line),
                   "%s is set a second time; the first is on line %u", name,
                   twin->line);
    } else if (!item->text) {
        report_add(report, at(document, item->line),
                   "%s is an empty list; give it a value or leave it out",
                   name);
    } else if (!section->kind->judge(item->option, item->text, &fault)) {
        report_add(report, at(document, item->line), "%s: %s", name,
                   fault.text);
    } else {
        item->broken = false;
    }
}

void document_judge(struct document *document, struct report *report)
{
    for (size_t i = 0; i < document->section_count; i++) {
        struct section *section = &document->sections[i];

        judge_twin(document, section, report);
        judge_title(document, section, report);
        for (size_t j = 0; j < section->item_count; j++) {
            judge_item(document, section, &section->items[j], report);
        }
    }
}
