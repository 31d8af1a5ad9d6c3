/*
 * access/group_table.c: see group_table.h.
 */
#include "access/group_table.h"

#include <stdlib.h>
#include <string.h>

#include "access/faults.h"
#include "base/text.h"

struct member {
    struct bits_text group;
    struct bits_text user;
};

struct group_table {
    char *text;             /* that the members point into */
    struct member *members; /* sorted */
    size_t count;
};

static int compare_texts(struct bits_text a, struct bits_text b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int order = compare_texts(a->group, b->group);

    return order != 0 ? order : compare_texts(a->user, b->user);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next word; empty at the end of the text. */
static struct bits_text take_word(struct bits_text *text)
{
    struct bits_text word;

    while (text->len > 0 && is_blank(text->ptr[0])) {
        text->ptr++;
        text->len--;
    }
    word = (struct bits_text){text->ptr, 0};
    while (text->len > 0 && !is_blank(text->ptr[0])) {
        text->ptr++;
        text->len--;
        word.len++;
    }
    return word;
}

/* Two words of a text have a byte between them. */
static size_t most_words(struct bits_text text)
{
    return text.len / 2 + 1;
}

static struct bits_text without_return(struct bits_text line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static void read_line(struct group_table *table, struct bits_text line,
                      unsigned number, struct faults *faults)
{
    struct bits_text name;
    struct bits_text group;
    struct bits_text user;

    line = text_trim(without_return(line));
    if (line.len == 0 || line.ptr[0] == '#') {
        return;
    }
    if (!text_take_until(&line, ':', &name)) {
        faults_add(faults, number, TEXT(""),
                   "no colon; write \"GROUP: USER USER\"");
        return;
    }
    group = take_word(&name);
    if (group.len == 0 || take_word(&name).len > 0) {
        faults_add(faults, number, TEXT(""),
                   "a group has a name without blanks; write \"GROUP: USER "
                   "USER\"");
        return;
    }
    for (user = take_word(&line); user.len > 0; user = take_word(&line)) {
        table->members[table->count++] = (struct member){group, user};
    }
}

static void read_lines(struct group_table *table, struct bits_text text,
                       struct faults *faults)
{
    struct bits_text line;
    unsigned number = 1;

    for (; text_take_until(&text, '\n', &line); number++) {
        read_line(table, line, number, faults);
    }
    read_line(table, text, number, faults);
}

struct group_table *group_table_new(char *text, size_t size, const char *path,
                                    struct report *report)
{
    struct group_table *table = calloc(1, sizeof(*table));
    struct bits_text whole = {text, size};
    struct faults faults = {
        .path = path, .file = "group file", .item = "group", .report = report};

    if (!table) {
        free(text);
        return NULL;
    }
    table->text = text;
    table->members = calloc(most_words(whole), sizeof(table->members[0]));
    if (!table->members) {
        group_table_free(table);
        return NULL;
    }
    read_lines(table, whole, &faults);
    qsort(table->members, table->count, sizeof(table->members[0]), compare);
    return table;
}

void group_table_free(struct group_table *table)
{
    if (table) {
        free(table->members);
        free(table->text);
        free(table);
    }
}

size_t group_table_count(const struct group_table *table)
{
    return table->count;
}

bool group_table_has(const struct group_table *table, struct bits_text group,
                     struct bits_text user)
{
    const struct member wanted = {group, user};

    return bsearch(&wanted, table->members, table->count,
                   sizeof(table->members[0]), compare) != NULL;
}
