/*
 * tools/conf-tables.c: the option entries of bitsd.conf(5), from
 * options.def.
 *
 * Copies the frame of the page from standard input to standard output, in
 * scdoc's format, and puts the entries in place of these lines:
 *   @SERVER@  the options of the section server
 *   @UPLOAD@  the options of the sections upload and defaults
 *   @IIS@     rows of a table: IIS property, option
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "options/value.h"

struct range {
    uint64_t low;
    uint64_t high;
};

struct row {
    const char *section;
    const char *kind;
    const char *name;
    const char *def;
    struct range range; /* high is 0: none worth a word */
    const char *reload;
    const char *iis;
    const char *help;
};

/* A range whose end is that of the type says nothing to a reader. */
#define RANGE(low, high)                                                       \
    {                                                                          \
        low, (high) < INT32_MAX ? (high) : 0                                   \
    }
#define ANY                                                                    \
    {                                                                          \
        0, 0                                                                   \
    }
#define BITS(must, may)                                                        \
    {                                                                          \
        0, 0                                                                   \
    }
#define PATH                                                                   \
    {                                                                          \
        0, 0                                                                   \
    }
#define HOST                                                                   \
    {                                                                          \
        0, 0                                                                   \
    }
#define LISTEN                                                                 \
    {                                                                          \
        0, 0                                                                   \
    }
#define USER                                                                   \
    {                                                                          \
        0, 0                                                                   \
    }
#define STORE_AS                                                               \
    {                                                                          \
        0, 0                                                                   \
    }
#define PATTERN                                                                \
    {                                                                          \
        0, 0                                                                   \
    }
#define WEB                                                                    \
    {                                                                          \
        0, 0                                                                   \
    }
#define FIELD                                                                  \
    {                                                                          \
        0, 0                                                                   \
    }
#define NETWORK                                                                \
    {                                                                          \
        0, 0                                                                   \
    }

static const struct row rows[] = {
#define SERVER(kind, name, def, check, reload, iis, help)                      \
    {"SERVER", #kind, #name, def, check, #reload, iis, help},
#define UPLOAD(kind, name, def, check, reload, iis, help)                      \
    {"UPLOAD", #kind, #name, def, check, #reload, iis, help},
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

struct word {
    const char *kind;
    const char *word;
};

static const struct word words[] = {
#define CHOICE(kind, word, constant) {#kind, word},
#include "config/choices.def"
#undef CHOICE
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

/* scdoc reads these as marks. */
static void print_escaped(const char *text)
{
    for (; *text; text++) {
        if (strchr("\\*_<`#[]|", *text)) {
            (void)putchar('\\');
        }
        (void)putchar(*text);
    }
}

/* --- what may be written for a value --- */

static void print_words(const char *kind)
{
    const bool is_list = strncmp(kind, "CHOICES_", 8) == 0;
    const char *between = is_list ? "{" : "";

    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (strcmp(words[i].kind, kind) == 0) {
            (void)printf("%s*", between);
            print_escaped(words[i].word);
            (void)putchar('*');
            between = " | ";
        }
    }
    if (is_list) {
        (void)fputs(", ...}", stdout);
    }
}

static void print_form(const struct row *row)
{
    static const struct word forms[] = {
        {"TEXT", "_text_"},         {"LIST", "{_text_, ...}"},
        {"FLAG", "*yes* | *no*"},   {"NUMBER", "_number_"},
        {"SIZE", "_size_"},         {"DURATION", "_time_"},
        {"MODE", "_octal digits_"}, {"SPACE", "\"_size_ _N_%\""},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].kind, row->kind) == 0) {
            (void)fputs(forms[i].word, stdout);
        }
    }
    print_words(row->kind);
    if (row->def && strcmp(row->def, "none") == 0) {
        (void)fputs(" | *none*", stdout);
    }
}

static void print_bound(const struct row *row, uint64_t bound)
{
    char text[VALUE_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "%" PRIu64, bound);
    if (strcmp(row->kind, "SIZE") == 0) {
        value_write_size(bound, text);
    } else if (strcmp(row->kind, "DURATION") == 0) {
        value_write_duration(bound, text);
    }
    (void)fputs(text, stdout);
}

/* --- entries --- */

static void print_facts(const struct row *row)
{
    (void)fputs("\tDefault: ", stdout);
    print_escaped(row->def ? row->def : "not set");
    if (row->range.high > 0) {
        (void)fputs("; from ", stdout);
        print_bound(row, row->range.low);
        (void)fputs(" to ", stdout);
        print_bound(row, row->range.high);
    }
    (void)fputs(strcmp(row->reload, "LIVE") == 0
                    ? ".  A reload changes it."
                    : ".  *Takes effect at the next start only.*",
                stdout);
    if (row->iis) {
        (void)printf("  IIS: %s.", row->iis);
    }
    (void)fputs("\n\n", stdout);
}

static void print_entries(const char *section)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].section, section) != 0) {
            continue;
        }
        (void)printf("*%s* = ", rows[i].name);
        print_form(&rows[i]);
        (void)fputs("\n\t", stdout);
        print_escaped(rows[i].help);
        (void)fputs("\n\n", stdout);
        print_facts(&rows[i]);
    }
}

static void print_iis(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].iis) {
            (void)printf("|  %s\n:  *%s*\n", rows[i].iis, rows[i].name);
        }
    }
}

int main(void)
{
    char line[512];

    while (fgets(line, sizeof(line), stdin)) {
        if (strcmp(line, "@SERVER@\n") == 0) {
            print_entries("SERVER");
        } else if (strcmp(line, "@UPLOAD@\n") == 0) {
            print_entries("UPLOAD");
        } else if (strcmp(line, "@IIS@\n") == 0) {
            print_iis();
        } else {
            (void)fputs(line, stdout);
        }
    }
    return ferror(stdin) || fflush(stdout) != 0;
}
