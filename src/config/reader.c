/*
 * config/reader.c: source_read(), the way from a file into a source; the one
 * place that knows libconfuse.
 *
 * libconfuse holds what the last assignment said, and nothing of where it
 * stood.  So nothing is read from its tree: callbacks see each section and
 * each value as it comes, with the line, and notice what comes twice.
 */
#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/address.h"
#include "config/file.h"
#include "config/source.h"

/* Names that a file does not spell: libconfuse reads a list's default when
 * a section begins, which tells us where that is; and the text is ended by a
 * name that is known outside of sections only, which finds those that were
 * never closed. */
#define START_OPTION "the start of a section"
#define END_OPTION "end-of-file"

struct reader {
    struct source *source;
    struct report *report;
    unsigned end_line; /* where END_OPTION stands */
    const cfg_t *open; /* the section that is being read */
    bool explained;    /* why libconfuse stops was reported */
    bool no_memory;
    char start_default[8];
    cfg_opt_t server[OPTION_COUNT + 2];
    cfg_opt_t upload[OPTION_COUNT + 2];
    cfg_opt_t top[5];
};

/* libconfuse has no pointer for its user.  The default of an option that has
 * none is free to carry ours. */
_Static_assert(sizeof(long) >= sizeof(struct reader *), "no room in a long");

static void set_reader(cfg_opt_t *option, struct reader *reader)
{
    option->def.number = (long)(intptr_t)reader;
}

static struct reader *reader_of(const cfg_opt_t *option)
{
    return (struct reader *)(intptr_t)option->def.number;
}

static struct config_origin at_line(unsigned line)
{
    return (struct config_origin){CONFIG_ORIGIN_FILE, line};
}

static unsigned line_of(const cfg_t *cfg)
{
    return (unsigned)cfg->line;
}

static struct source_section *current(struct reader *reader)
{
    return &reader->source->sections[reader->source->count - 1];
}

/* --- callbacks --- */

static bool is_section(const cfg_t *cfg)
{
    return strcmp(cfg->opts->name, START_OPTION) == 0;
}

static void report_early_end(struct reader *reader, const cfg_t *cfg)
{
    reader->explained = true;
    if (is_section(cfg)) {
        report_add(reader->report, at_line(current(reader)->line),
                   "the section that begins here has no end; close it with }");
    } else {
        report_add(reader->report, at_line(reader->end_line - 1),
                   "the file ends in the middle of a section's head");
    }
}

/* libconfuse complains in a section of the name of one. */
static bool is_unclosed(const struct reader *reader, const char *words)
{
    static const char *const sections[] = {SECTION_SERVER, SECTION_DEFAULTS,
                                           SECTION_UPLOAD};

    for (size_t i = 0; reader->open && i < 3; i++) {
        char unknown[64];

        (void)snprintf(unknown, sizeof(unknown), "no such option '%s'",
                       sections[i]);
        if (strcmp(words, unknown) == 0) {
            return true;
        }
    }
    return false;
}

static void report_words(struct reader *reader, unsigned line,
                         const char *words)
{
    if (is_unclosed(reader, words)) {
        report_add(reader->report, at_line(line),
                   "%s here; does the section that begins on line %u lack "
                   "its }?",
                   words, current(reader)->line);
    } else {
        report_add(reader->report, at_line(line), "%s", words);
    }
}

PRINTF_LIKE(2, 0)
static void on_error(cfg_t *cfg, const char *format, va_list arguments)
{
    struct reader *reader = reader_of(cfg->opts);
    char *words;

    reader->explained = true;
    if (line_of(cfg) >= reader->end_line) {
        report_early_end(reader, cfg);
        return;
    }
    if (vasprintf(&words, format, arguments) < 0) {
        reader->no_memory = true;
        return;
    }
    report_words(reader, line_of(cfg), words);
    free(words);
}

static enum source_kind kind_of(const cfg_t *section)
{
    if (strcmp(section->name, SECTION_SERVER) == 0) {
        return SOURCE_SERVER;
    }
    return section->title ? SOURCE_UPLOAD : SOURCE_DEFAULTS;
}

static void report_twin(struct reader *reader,
                        const struct source_section *section)
{
    for (size_t i = 0; i + 1 < reader->source->count; i++) {
        const struct source_section *other = &reader->source->sections[i];

        if (other->kind != section->kind || other->line == 0) {
            continue;
        }
        if (section->kind != SOURCE_UPLOAD) {
            report_add(reader->report, at_line(section->line),
                       "a second section %s; the first is on line %u",
                       section->kind == SOURCE_SERVER ? SECTION_SERVER
                                                      : SECTION_DEFAULTS,
                       other->line);
            return;
        }
        if (strcmp(other->title, section->title) == 0) {
            report_add(reader->report, at_line(section->line),
                       "a second section upload \"%s\"; the first is on line "
                       "%u",
                       section->title, other->line);
            return;
        }
    }
}

static int on_start(cfg_t *cfg, cfg_opt_t *option, const char *text,
                    void *result)
{
    struct reader *reader = reader_of(option);
    const struct source_section *section;
    const char *fault;

    *(const char **)result = text;
    if (cfg == reader->open) {
        cfg_error(cfg, "no such option '%s'", option->name);
        return -1;
    }
    reader->open = cfg;
    section =
        source_add(reader->source, kind_of(cfg), cfg->title, line_of(cfg));
    if (!section) {
        /* libconfuse aborts when a default fails; the next call stops. */
        reader->no_memory = true;
        return 0;
    }
    report_twin(reader, section);
    fault = cfg->title ? config_prefix_fault(cfg->title) : NULL;
    if (fault) {
        report_add(reader->report, at_line(section->line), "upload \"%s\": %s",
                   cfg->title, fault);
    }
    return 0;
}

static int on_value(cfg_t *cfg, cfg_opt_t *known, const char *text,
                    void *result)
{
    struct reader *reader = reader_of(known);
    struct source_section *section = current(reader);
    const struct option *option =
        option_find(section->kind == SOURCE_SERVER ? OPTION_HOME_SERVER
                                                   : OPTION_HOME_UPLOAD,
                    known->name);
    struct source_value *value = &section->values[option - options];
    struct config_origin origin = at_line(line_of(cfg));

    *(const char **)result = text;
    if (reader->no_memory) {
        return -1;
    }
    if (origin.line >= reader->end_line) {
        report_early_end(reader, cfg);
        return -1;
    }
    if (section->kind == SOURCE_DEFAULTS) {
        origin.kind = CONFIG_ORIGIN_DEFAULTS;
    }
    /* An assignment empties a list, += and the next item do not. */
    if (value->origin.line > 0 && known->nvalues == 1) {
        report_add(reader->report, origin,
                   "%s is set a second time; the first is on line %u",
                   known->name, value->origin.line);
        return 0;
    }
    reader->no_memory =
        !source_put(section, option, text, origin, reader->report);
    return reader->no_memory ? -1 : 0;
}

/* A section ended.  `name = {}` calls nobody, it only leaves a mark. */
static int on_section(cfg_t *cfg, cfg_opt_t *option)
{
    struct reader *reader = reader_of(option);
    cfg_t *section = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);

    reader->open = NULL;
    for (const cfg_opt_t *each = section->opts; each->name; each++) {
        if ((each->flags & CFGF_MODIFIED) && each->nvalues == 0) {
            report_add(reader->report, at_line(line_of(cfg)),
                       "%s is an empty list; give it a value or leave it out",
                       each->name);
        }
    }
    return 0;
}

static int on_end(cfg_t *cfg, cfg_opt_t *option, const char *text, void *result)
{
    *(const char **)result = text;
    if (line_of(cfg) != reader_of(option)->end_line) {
        cfg_error(cfg, "no such option '%s'", option->name);
        return -1;
    }
    return 0;
}

/* --- what libconfuse is told --- */

static void declare(struct reader *reader, enum option_home home,
                    cfg_opt_t *ret_opts)
{
    size_t count = 0;

    ret_opts[count++] = (cfg_opt_t)CFG_STR_LIST_CB(
        START_OPTION, reader->start_default, CFGF_NONE, on_start);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];

        if (option->home != home) {
            continue;
        }
        ret_opts[count++] = (cfg_opt_t)CFG_STR_CB(
            option->name, NULL,
            CFGF_NODEFAULT |
                (option->kind == OPTION_KIND_LIST ? CFGF_LIST : CFGF_NONE),
            on_value);
    }
    for (size_t i = 0; i < count; i++) {
        set_reader(&ret_opts[i], reader);
    }
    ret_opts[count] = (cfg_opt_t)CFG_END();
}

static void declare_all(struct reader *reader)
{
    cfg_opt_t *top = reader->top;

    (void)snprintf(reader->start_default, sizeof(reader->start_default),
                   "{start}");
    declare(reader, OPTION_HOME_SERVER, reader->server);
    declare(reader, OPTION_HOME_UPLOAD, reader->upload);
    top[0] = (cfg_opt_t)CFG_SEC(SECTION_SERVER, reader->server, CFGF_MULTI);
    top[1] = (cfg_opt_t)CFG_SEC(SECTION_DEFAULTS, reader->upload, CFGF_MULTI);
    top[2] = (cfg_opt_t)CFG_SEC(SECTION_UPLOAD, reader->upload,
                                CFGF_MULTI | CFGF_TITLE);
    top[3] = (cfg_opt_t)CFG_STR_CB(END_OPTION, NULL, CFGF_NODEFAULT, on_end);
    top[4] = (cfg_opt_t)CFG_END();
    for (size_t i = 0; i < 4; i++) {
        set_reader(&top[i], reader);
        top[i].validcb = i < 3 ? on_section : NULL;
    }
}

/* --- the whole --- */

static bool parse(struct reader *reader, const char *text)
{
    cfg_t *cfg = cfg_init(reader->top, CFGF_NONE);
    int result;

    if (!cfg) {
        reader->no_memory = true;
        return false;
    }
    (void)cfg_set_error_function(cfg, on_error);
    result = cfg_parse_buf(cfg, text);
    if (result != CFG_SUCCESS && !reader->explained && !reader->no_memory) {
        /* An empty name is refused without a word. */
        report_add(reader->report,
                   at_line(line_of(reader->open ? reader->open : cfg)),
                   "the name of an option or section is empty");
    }
    (void)cfg_free(cfg);
    return result == CFG_SUCCESS && !reader->no_memory;
}

/* NULL: that was reported. */
static char *read_text(struct report *report, size_t room)
{
    struct config_file_fault fault = {0};
    char *text = config_file_read(report->path, room, &fault);

    if (!text) {
        report_add(report, at_line(fault.line), "%s", fault.words);
    }
    return text;
}

bool source_read(struct source *source, struct report *report)
{
    static const char mark[] = "\n" END_OPTION " = here\n";
    struct reader *reader = calloc(1, sizeof(*reader));
    char *text = reader ? read_text(report, sizeof(mark)) : NULL;
    bool whole = false;

    if (text) {
        reader->source = source;
        reader->report = report;
        reader->end_line = config_file_lines(text) + 1;
        memcpy(text + strlen(text), mark, sizeof(mark));
        declare_all(reader);
        whole = parse(reader, text);
    }
    if (!whole) {
        report->failed = true;
    }
    free(text);
    free(reader);
    return whole;
}
