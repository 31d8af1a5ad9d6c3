/*
 * bits/options_file.c: the configuration files, by libconfuse:
 *
 *     url "https://host/prefix" {
 *         user = "ann"
 *         password-file = "/etc/bits/ann"
 *     }
 *
 * The keys are the long options.  Of several sections that fit, the one with
 * the longest prefix speaks first.  libconfuse has no pointer for its user, so
 * that what its callbacks find wrong is carried by the tree itself: a value
 * without fault is judged a second time when it is used.
 */
#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/compiler.h"
#include "bits/options.h"
#include "client/memory.h"
#include "config/file.h"

#define SECTION "url"

/* libconfuse takes the end of the file for that of a section.  So the text ends
 * in a name that is known outside of sections only. */
#define END_OPTION "end-of-file"
#define TEXT_END "\n" END_OPTION " = here\n"

struct file {
    struct say *say;
    const char *path;
    cfg_opt_t keys[SETTING_COUNT + 1];
    cfg_opt_t top[3];
};

/* Called by libconfuse with the place of what it does not understand.  There is
 * no way to hand it the say of the program, and it is fit for a terminal: it
 * quotes the file, which the user wrote. */
PRINTF_LIKE(2, 0)
static void on_error(cfg_t *cfg, const char *format, va_list arguments)
{
    struct say say = {.out = stdout, .err = stderr};
    char *words;

    if (vasprintf(&words, format, arguments) < 0) {
        words = NULL;
    }
    if (words && cfg->title && strstr(words, "'" END_OPTION "'")) {
        say_error(&say,
                  "%s:%d: the file ends inside a section; close it with }",
                  cfg->filename, cfg->line - 1);
    } else {
        say_error(&say, "%s:%d: %s", cfg->filename, cfg->line,
                  words ? words : "out of memory");
    }
    free(words);
}

/* A value comes.  An assignment empties a list; += and the next item do not.
 * The default of a string leaves room for a number: the line of the first
 * assignment in this section. */
static int on_text(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    *(const char **)result = text;
    if (opt->def.number == 0) {
        opt->def.number = cfg->line;
    } else if (opt->nvalues == 1) {
        cfg_error(cfg, "%s is set a second time; the first is on line %ld",
                  opt->name, opt->def.number);
        return -1;
    }
    return 0;
}

/* A value was read: is it one? */
static int on_value(cfg_t *cfg, cfg_opt_t *opt)
{
    char fault[SETTINGS_FAULT_MAX];
    struct settings scratch;
    enum setting_id id;
    bool good = true;

    if (!settings_find(opt->name, &id)) {
        return -1;
    }
    settings_init(&scratch);
    for (unsigned i = 0; good && i < cfg_opt_size(opt); i++) {
        good = settings_set(&scratch, id, cfg_opt_getnstr(opt, i),
                            SETTING_FROM_FILE, fault);
    }
    settings_done(&scratch);
    if (!good) {
        cfg_error(cfg, "%s: %s", opt->name, fault);
    }
    return good ? 0 : -1;
}

static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
    const cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    char fault[SETTINGS_FAULT_MAX];

    if (settings_judge_url(cfg_title((cfg_t *)(uintptr_t)section), fault)) {
        return 0;
    }
    cfg_error(cfg, SECTION " \"%s\": %s",
              cfg_title((cfg_t *)(uintptr_t)section), fault);
    return -1;
}

/* The default of END_OPTION leaves room for the line where it belongs. */
static int on_end(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    *(const char **)result = text;
    if (cfg->line != opt->def.number) {
        cfg_error(cfg, "no such option '%s'", opt->name);
        return -1;
    }
    return 0;
}

static void fill_tables(struct file *file)
{
    size_t count = 0;

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings_table[i];

        if (setting->is_key) {
            file->keys[count++] =
                setting->kind == SETTING_KIND_LIST
                    ? (cfg_opt_t)CFG_STR_LIST_CB(setting->name, NULL,
                                                 CFGF_NODEFAULT, on_text)
                    : (cfg_opt_t)CFG_STR_CB(setting->name, NULL, CFGF_NODEFAULT,
                                            on_text);
        }
    }
    file->keys[count] = (cfg_opt_t)CFG_END();
    file->top[0] = (cfg_opt_t)CFG_SEC(
        SECTION, file->keys, CFGF_TITLE | CFGF_MULTI | CFGF_NO_TITLE_DUPES);
    file->top[1] =
        (cfg_opt_t)CFG_STR_CB(END_OPTION, NULL, CFGF_NODEFAULT, on_end);
    file->top[2] = (cfg_opt_t)CFG_END();
}

/* libconfuse counts a line with a comment twice, and ends the process when it
 * cannot read a file, so that it gets a text without comments.  False: an error
 * was printed. */
static bool parse_text(struct file *file, cfg_t *cfg, char *text)
{
    FILE *stream = fmemopen(text, strlen(text), "r");
    int result;

    cfg->filename = strdup(file->path);
    if (!stream || !cfg->filename) {
        say_error(file->say, "out of memory");
        result = CFG_FILE_ERROR;
    } else {
        result = cfg_parse_fp(cfg, stream);
    }
    if (stream) {
        (void)fclose(stream);
    }
    return result == CFG_SUCCESS;
}

static char *read_text(struct file *file)
{
    struct config_file_fault fault = {0};
    char *text = config_file_read(file->path, sizeof(TEXT_END), &fault);

    if (text) {
        file->top[1].def.number = (long)config_file_lines(text) + 1;
        memcpy(text + strlen(text), TEXT_END, sizeof(TEXT_END));
    } else if (fault.line > 0) {
        say_error(file->say, "%s:%u: %s", file->path, fault.line, fault.words);
    } else {
        say_error(file->say, "%s: %s", file->path, fault.words);
    }
    return text;
}

/* The tree of the file.  NULL: an error was printed. */
static cfg_t *parse(struct file *file)
{
    CLEANUP(free_string) char *text = read_text(file);
    cfg_t *cfg = text ? cfg_init(file->top, CFGF_NONE) : NULL;

    if (text && !cfg) {
        say_error(file->say, "out of memory");
    }
    if (!cfg) {
        return NULL;
    }
    (void)cfg_set_error_function(cfg, on_error);
    (void)cfg_set_validate_func(cfg, SECTION, on_section);
    for (const cfg_opt_t *key = file->keys; key->name; key++) {
        char name[64];

        (void)snprintf(name, sizeof(name), SECTION "|%s", key->name);
        (void)cfg_set_validate_func(cfg, name, on_value);
    }
    if (!parse_text(file, cfg, text)) {
        (void)cfg_free(cfg);
        return NULL;
    }
    return cfg;
}

/* The section with the longest prefix that is shorter than `below`. */
static cfg_t *find_section(cfg_t *cfg, const char *url, size_t below)
{
    cfg_t *best = NULL;
    size_t best_len = 0;

    for (unsigned i = 0; i < cfg_size(cfg, SECTION); i++) {
        cfg_t *section = cfg_getnsec(cfg, SECTION, i);
        size_t len = strlen(cfg_title(section));

        if (len < below && (!best || len > best_len) &&
            options_url_is_below(url, cfg_title(section))) {
            best = section;
            best_len = len;
        }
    }
    return best;
}

static bool take_section(struct file *file, cfg_t *section,
                         struct settings *settings)
{
    char fault[SETTINGS_FAULT_MAX];
    struct settings found;
    bool good = true;

    settings_init(&found);
    for (unsigned id = 0; good && id < SETTING_COUNT; id++) {
        const char *name = settings_table[id].name;

        for (unsigned i = 0;
             good && settings_table[id].is_key && i < cfg_size(section, name);
             i++) {
            good = settings_set(&found, (enum setting_id)id,
                                cfg_getnstr(section, name, i),
                                SETTING_FROM_FILE, fault);
        }
    }
    if (!good) {
        say_error(file->say, "%s: %s", file->path, fault);
    }
    good = good && settings_inherit(settings, &found);
    settings_done(&found);
    return good;
}

bool options_read_file(struct say *say, const char *path, const char *url,
                       struct settings *settings)
{
    struct file file = {.say = say, .path = path};
    struct stat info = {0};
    size_t below = SIZE_MAX;
    cfg_t *section;
    cfg_t *cfg;
    bool good = true;

    if (stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    fill_tables(&file);
    cfg = parse(&file);
    if (!cfg) {
        return false;
    }
    while (good && (section = find_section(cfg, url, below)) != NULL) {
        good = take_section(&file, section, settings);
        below = strlen(cfg_title(section));
    }
    (void)cfg_free(cfg);
    return good;
}
