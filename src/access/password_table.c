/*
 * access/password_table.c: see password_table.h.
 */
#include "access/password_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/faults.h"
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

static void add(struct password_table *table, const struct htpasswd_line *line,
                unsigned number)
{
    terminate(table->text, line->hash);
    table->entries[table->count++] =
        (struct password_entry){line->name, line->hash.ptr, number};
}

static void read_lines(struct password_table *table, struct bits_text text,
                       struct faults *faults)
{
    struct htpasswd_line line;

    for (unsigned number = 1; htpasswd_next(&text, &line); number++) {
        if (line.fault) {
            faults_add(faults, number, line.name, line.fault);
        } else if (line.name.len > 0) {
            add(table, &line, number);
        }
    }
}

static void report_twin(struct faults *faults,
                        const struct password_entry *entry, unsigned first)
{
    char words[64];

    (void)snprintf(words, sizeof(words),
                   "the name is on line %u, too; remove one", first);
    faults_add(faults, entry->line, entry->name, words);
}

static void drop_twins(struct password_table *table, struct faults *faults)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct password_entry *entry = &table->entries[i];

        if (kept > 0 &&
            compare_names(table->entries[kept - 1].name, entry->name) == 0) {
            report_twin(faults, entry, table->entries[kept - 1].line);
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
    struct faults faults = {path, "password file", "user", 0, report};

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
    read_lines(table, whole, &faults);
    qsort(table->entries, table->count, sizeof(table->entries[0]),
          compare_entries);
    drop_twins(table, &faults);
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
