/*
 * options/reader.c: document_read(): the grammar of a configuration file.
 *
 *     file     = { section }
 *     section  = KIND [ TITLE ] "{" { option } "}"
 *     option   = NAME ( "=" | "+=" ) value        += only for a list
 *     value    = TEXT | "{" [ TEXT { "," TEXT } [ "," ] ] "}"
 *
 * KIND, TITLE, NAME and TEXT are words or strings.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options/document.h"
#include "options/scanner.h"
#include "os/file.h"

/* No real file is larger, and a wrong name may be that of a device. */
#define SIZE_LIMIT ((size_t)1 << 20)

struct reader {
    struct scanner scanner;
    enum token token; /* the current token */
    struct document *document;
    const struct section_kind *kinds;
    struct section *section; /* the current section; NULL: between sections */
    struct fault fault;      /* why reading ended */
};

static void next(struct reader *reader)
{
    reader->token = scanner_take(&reader->scanner);
}

/* --- errors --- */

/* Returns false. */
static bool early_end(struct reader *reader)
{
    if (reader->section) {
        return fault_set(&reader->fault,
                         "the file ends inside a section; close it with } (it "
                         "begins on line %u)",
                         reader->section->line);
    }
    return fault_set(&reader->fault,
                     "the file ends in the middle of a section's head");
}

/* Reports that something else was expected.  Returns false. */
static bool refuse(struct reader *reader, const char *words, const char *name)
{
    if (reader->token == TOKEN_END) {
        return early_end(reader);
    }
    if (reader->token == TOKEN_WRONG) {
        reader->fault = reader->scanner.fault;
        return false;
    }
    return fault_set(&reader->fault, "%s '%s'", words, name);
}

static bool refuse_token(struct reader *reader)
{
    return refuse(reader, "unexpected token", reader->scanner.text);
}

static const struct section_kind *find_kind(const struct reader *reader,
                                            const char *name)
{
    const struct section_kind *kind = reader->kinds;

    while (kind->name && strcmp(kind->name, name) != 0) {
        kind++;
    }
    return kind->name ? kind : NULL;
}

/* The kind of section that has the option, or NULL.  Later kinds win. */
static const struct section_kind *find_owner(const struct reader *reader,
                                             const char *name)
{
    const struct section_kind *owner = NULL;

    for (const struct section_kind *kind = reader->kinds; kind->name; kind++) {
        owner = kind->find(name) ? kind : owner;
    }
    return owner;
}

/* Returns false. */
static bool refuse_section_name(struct reader *reader)
{
    const char *name = reader->scanner.text;
    const struct section_kind *owner = find_owner(reader, name);

    if (name[0] == '\0') {
        return fault_set(&reader->fault, "the name of a section is empty");
    }
    if (owner) {
        return fault_set(&reader->fault,
                         "option '%s' is outside of a section; write it into "
                         "a section %s",
                         name, owner->name);
    }
    return fault_set(&reader->fault, "no such section '%s'", name);
}

/* Returns false. */
static bool refuse_option_name(struct reader *reader)
{
    const char *name = reader->scanner.text;
    const char *kind = reader->section->kind->name;
    const struct section_kind *owner = find_owner(reader, name);

    if (name[0] == '\0') {
        return fault_set(&reader->fault, "the name of an option is empty");
    }
    if (find_kind(reader, name)) {
        return fault_set(&reader->fault,
                         "no such option '%s' here; does the section that "
                         "begins on line %u lack its }?",
                         name, reader->section->line);
    }
    if (owner) {
        return fault_set(&reader->fault,
                         "a section %s has no option '%s'; write it into a "
                         "section %s",
                         kind, name, owner->name);
    }
    return fault_set(&reader->fault, "a section %s has no option '%s'", kind,
                     name);
}

/* A value with a blank but without quotes leaves a word behind it, on the same
 * line and without an equal sign.  Returns false. */
static bool refuse_option_or_rest(struct reader *reader)
{
    const struct section *section = reader->section;
    const struct item *before = section->item_count > 0
                                    ? &section->items[section->item_count - 1]
                                    : NULL;
    unsigned line = reader->scanner.line;
    struct fault rest;

    (void)refuse_option_name(reader);
    if (!before || before->line != line ||
        find_kind(reader, reader->scanner.text)) {
        return false;
    }
    (void)fault_set(&rest,
                    "unexpected '%s' after the value of %s; a value with a "
                    "blank needs quotes",
                    reader->scanner.text, before->option->name);
    next(reader);
    reader->scanner.line = line;
    if (reader->token != TOKEN_EQUAL && reader->token != TOKEN_APPEND) {
        reader->fault = rest;
    }
    return false;
}

/* --- sections, options, values --- */

static bool add(struct reader *reader, const struct item *item,
                const char *text)
{
    return section_add(reader->section, item, text) ||
           fault_set(&reader->fault, "out of memory");
}

/* The next item of the assignment. */
static bool read_text(struct reader *reader, struct item *item)
{
    if (reader->token != TOKEN_WORD) {
        return refuse_token(reader);
    }
    item->line = reader->scanner.line;
    if (!add(reader, item, reader->scanner.text)) {
        return false;
    }
    item->begins = false;
    next(reader);
    return true;
}

/* After the opening brace. */
static bool read_list(struct reader *reader, struct item *item)
{
    while (reader->token != TOKEN_CLOSE) {
        if (!read_text(reader, item)) {
            return false;
        }
        if (reader->token == TOKEN_COMMA) {
            next(reader);
        } else if (reader->token != TOKEN_CLOSE) {
            return refuse_token(reader);
        }
    }
    next(reader);
    return !item->begins || add(reader, item, NULL);
}

static bool read_option(struct reader *reader)
{
    struct item item = {.line = reader->scanner.line};
    bool is_list;

    if (reader->token != TOKEN_WORD) {
        return refuse_token(reader);
    }
    item.option = reader->section->kind->find(reader->scanner.text);
    if (!item.option) {
        return refuse_option_or_rest(reader);
    }
    is_list = option_is_list(item.option);
    next(reader);
    if (reader->token == TOKEN_APPEND && !is_list) {
        return refuse(reader, "attempt to append to non-list option",
                      item.option->name);
    }
    if (reader->token != TOKEN_EQUAL && reader->token != TOKEN_APPEND) {
        return refuse(reader, "missing equal sign after option",
                      item.option->name);
    }
    item.begins = reader->token == TOKEN_EQUAL;
    next(reader);
    if (reader->token == TOKEN_OPEN && is_list) {
        next(reader);
        return read_list(reader, &item);
    }
    return read_text(reader, &item);
}

/* The head of a section up to its opening brace. */
static bool read_head(struct reader *reader)
{
    const struct section_kind *kind = find_kind(reader, reader->scanner.text);
    unsigned line = reader->scanner.line;
    char *title = NULL;

    if (!kind) {
        return refuse_section_name(reader);
    }
    next(reader);
    if (kind->judge_title && reader->token != TOKEN_WORD) {
        return refuse(reader, "missing title for section", kind->name);
    }
    if (kind->judge_title) {
        title = strdup(reader->scanner.text);
        next(reader);
    }
    if (reader->token != TOKEN_OPEN) {
        free(title);
        return refuse(reader, "missing opening brace for section", kind->name);
    }
    reader->section = title || !kind->judge_title
                          ? document_add(reader->document, kind, title, line)
                          : NULL;
    free(title);
    next(reader);
    return reader->section || fault_set(&reader->fault, "out of memory");
}

static bool read_sections(struct reader *reader)
{
    next(reader);
    while (reader->token != TOKEN_END) {
        if (reader->token == TOKEN_CLOSE) {
            return fault_set(&reader->fault, "unexpected closing brace");
        }
        if (reader->token != TOKEN_WORD) {
            return refuse_token(reader);
        }
        if (!read_head(reader)) {
            return false;
        }
        while (reader->token != TOKEN_CLOSE) {
            if (!read_option(reader)) {
                return false;
            }
        }
        reader->section = NULL;
        next(reader);
    }
    return true;
}

/* --- the file --- */

/* Reads the whole file; the caller frees it.  Returns NULL with the reason if
 * it failed. */
static char *read_file(const char *path, struct fault *ret_fault)
{
    int fd = os_open_regular(AT_FDCWD, path, O_RDONLY);
    char *text = fd < 0 ? NULL : malloc(SIZE_LIMIT + 1);
    size_t length;
    int error;

    if (fd < 0) {
        (void)fault_set(ret_fault, "cannot open it: %s", os_open_words(errno));
        return NULL;
    }
    error = text ? os_read_whole(fd, text, SIZE_LIMIT + 1, &length) : ENOMEM;
    (void)close(fd);
    if (!error && !memchr(text, '\0', length)) {
        return text;
    }
    (void)fault_set(ret_fault, "cannot read it: %s",
                    !error ? "it has a NUL byte; is it the right file?"
                    : error == EFBIG
                        ? "it has more than 1 MiB; is it the right file?"
                        : strerror(error));
    free(text);
    return NULL;
}

bool document_read(struct document *document, const struct section_kind *kinds,
                   struct report *report)
{
    struct reader reader = {.document = document, .kinds = kinds};
    char *text = read_file(document->path, &reader.fault);
    bool whole;

    if (!text) {
        report_add(report, (struct place){document->path, 0}, "%s",
                   reader.fault.text);
        return false;
    }
    scanner_init(&reader.scanner, text);
    whole = read_sections(&reader);
    document_judge(document, report);
    if (!whole) {
        report_add(report, (struct place){document->path, reader.scanner.line},
                   "%s", reader.fault.text);
    }
    scanner_done(&reader.scanner);
    free(text);
    return whole;
}
