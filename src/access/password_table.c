/*
 * access/password_table.c: see password_table.h.
 */
#include "access/password_table.h"

#include <stdlib.h>
#include <string.h>

#include "passwords/htpasswd.h"

static int compare_names(struct bits_text a, struct bits_text b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *left, const void *right)
{
    const struct password_entry *a = left;
    const struct password_entry *b = right;
    int order = compare_names(a->name, b->name);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static size_t count_lines(struct bits_text text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '\n';
    }
    return count;
}

/* The byte behind the hash is a colon, a line end or the end of the text. */
static void terminate(char *text, struct bits_text hash)
{
    text[hash.ptr + hash.len - text] = '\0';
}

/* False: enough was said. */
static bool may_report(const char *path, unsigned *faults,
                       struct report *report)
{
    ++*faults;
    if (*faults == PASSWORD_FAULTS_MAX) {
        report_add(report, (struct place){path, 0},
                   "more lines have faults; is it a password file?");
    }
    return *faults < PASSWORD_FAULTS_MAX;
}

/* Without a name the line may be anything, a password too: it is not quoted. */
static void report_line(const char *path, unsigned number,
                        const struct htpasswd_line *line, struct report *report)
{
    struct place place = {path, number};

    if (line->name.len > 0) {
        report_add(report, place, "user %.*s: %s",
                   line->name.len < 80 ? (int)line->name.len : 80,
                   line->name.ptr, line->fault);
    } else {
        report_add(report, place, "%s", line->fault);
    }
}

static void add(struct password_table *table, const struct htpasswd_line *line,
                unsigned number)
{
    terminate(table->text, line->hash);
    table->entries[table->count++] =
        (struct password_entry){line->name, line->hash.ptr, number};
}

static void read_lines(struct password_table *table, struct bits_text text,
                       const char *path, unsigned *faults,
                       struct report *report)
{
    struct htpasswd_line line;

    for (unsigned number = 1; htpasswd_next(&text, &line); number++) {
        if (line.fault) {
            if (may_report(path, faults, report)) {
                report_line(path, number, &line, report);
            }
        } else if (line.name.len > 0) {
            add(table, &line, number);
        }
    }
}

static void report_twin(const char *path, const struct password_entry *entry,
                        unsigned first, struct report *report)
{
    report_add(report, (struct place){path, entry->line},
               "user %.*s: the name is on line %u, too; remove one",
               entry->name.len < 80 ? (int)entry->name.len : 80,
               entry->name.ptr, first);
}

static void drop_twins(struct password_table *table, const char *path,
                       unsigned *faults, struct report *report)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct password_entry *entry = &table->entries[i];

        if (kept > 0 &&
            compare_names(table->entries[kept - 1].name, entry->name) == 0) {
            if (may_report(path, faults, report)) {
                report_twin(path, entry, table->entries[kept - 1].line, report);
            }
        } else {
            table->entries[kept++] = *entry;
        }
    }
    table->count = kept;
}

struct password_table *password_table_new(char *text, size_t size,
                                          const char *path,
                                          struct report *report)
{
    struct password_table *table = calloc(1, sizeof(*table));
    struct bits_text whole = {text, size};
    unsigned faults = 0;

    if (!table) {
        free(text);
        return NULL;
    }
    table->text = text;
    table->entries = calloc(count_lines(whole), sizeof(table->entries[0]));
    if (!table->entries) {
        password_table_free(table);
        return NULL;
    }
    read_lines(table, whole, path, &faults, report);
    qsort(table->entries, table->count, sizeof(table->entries[0]),
          compare_entries);
    drop_twins(table, path, &faults, report);
    return table;
}

void password_table_free(struct password_table *table)
{
    if (table) {
        free(table->entries);
        free(table->text);
        free(table);
    }
}

static int compare_key(const void *key, const void *entry)
{
    const struct bits_text *name = key;
    const struct password_entry *candidate = entry;

    return compare_names(*name, candidate->name);
}

const struct password_entry *
password_table_find(const struct password_table *table, struct bits_text name)
{
    return bsearch(&name, table->entries, table->count,
                   sizeof(table->entries[0]), compare_key);
}
