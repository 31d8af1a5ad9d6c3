/*
 * config/load.c: builds a configuration.  Precedence: command line, then the
 * section, then `defaults`, then built-in defaults.
 */
#include "config/load.h"

#include <stdlib.h>
#include <string.h>

/* The sections that set one struct; the first that has the option wins.  NULL:
 * no section. */
struct layers {
    const struct section *items[2];
};

/* --- one struct --- */

static struct config_origin find_origin(const struct layers *layers,
                                        const struct option_row *option)
{
    for (size_t i = 0; i < 2; i++) {
        const struct section *section = layers->items[i];
        const struct item *item =
            section ? section_find(section, option) : NULL;

        if (item) {
            return (struct config_origin){section, item};
        }
    }
    return (struct config_origin){NULL, NULL};
}

static bool fill_option(enum config_option_id id, const struct layers *layers,
                        void *home, struct section_details *details)
{
    const struct option_row *option = &config_options[id].option;
    struct config_origin origin = find_origin(layers, option);
    struct fault fault;

    details->origins[id] = origin;
    if (origin.section && !section_is_broken(origin.section, option)) {
        return section_apply(origin.section, option, home);
    }
    return !option->def || option_set(option, home, option->def, &fault);
}

static bool fill(enum config_home kind, const struct layers *layers, void *home,
                 struct section_details *details)
{
    for (unsigned id = 0; id < CONFIG_OPTION_COUNT; id++) {
        if (config_options[id].home == kind &&
            !fill_option((enum config_option_id)id, layers, home, details)) {
            return false;
        }
    }
    return true;
}

/* --- the whole --- */

static bool is_of(const struct section *section, enum config_section kind)
{
    return section->kind == &config_sections[kind];
}

static const struct section *find_section(const struct document *document,
                                          enum config_section kind)
{
    for (size_t i = 0; i < document->section_count; i++) {
        if (is_of(&document->sections[i], kind)) {
            return &document->sections[i];
        }
    }
    return NULL;
}

static bool fill_server(struct config *config)
{
    struct config_details *details = config->details;
    const struct layers layers = {{
        find_section(&details->command, CONFIG_SECTION_SERVER),
        find_section(&details->file, CONFIG_SECTION_SERVER),
    }};

    return fill(CONFIG_HOME_SERVER, &layers, &config->server, &details->server);
}

static bool fill_upload(struct config *config, size_t index,
                        const struct section *section)
{
    struct config_upload *upload = &config->uploads[index];
    struct section_details *details = &config->details->uploads[index];
    const struct layers layers = {{
        section,
        find_section(&config->details->file, CONFIG_SECTION_DEFAULTS),
    }};

    details->section = section;
    upload->prefix = strdup(section->title);
    return upload->prefix && fill(CONFIG_HOME_UPLOAD, &layers, upload, details);
}

static size_t count_uploads(const struct document *document)
{
    size_t count = 0;

    for (size_t i = 0; i < document->section_count; i++) {
        count += is_of(&document->sections[i], CONFIG_SECTION_UPLOAD);
    }
    return count;
}

/* Only one document has upload sections. */
static bool fill_uploads(struct config *config, const struct document *document)
{
    size_t index = 0;

    for (size_t i = 0; i < document->section_count; i++) {
        if (is_of(&document->sections[i], CONFIG_SECTION_UPLOAD) &&
            !fill_upload(config, index++, &document->sections[i])) {
            return false;
        }
    }
    return true;
}

static bool fill_all(struct config *config)
{
    const struct config_details *details = config->details;
    const struct document *document =
        details->path ? &details->file : &details->command;

    return config_make_room(config, count_uploads(document)) &&
           fill_server(config) && fill_uploads(config, document) &&
           config_derive(config);
}

/* Takes ownership of the configuration.  Returns NULL if an error was reported,
 * now or before, or if memory ran out. */
static struct config *finish(struct config *config, struct report *report)
{
    if (fill_all(config)) {
        config_check(config, report);
        if (!report->failed) {
            return config;
        }
    }
    config_unref(config);
    return NULL;
}

/* --- the command line --- */

static bool put(struct section *section, enum config_option_id id,
                const char *text)
{
    const struct item item = {.option = &config_options[id].option};

    return section_add(section, &item, text);
}

static bool put_overrides(struct document *command,
                          const struct config_overrides *overrides)
{
    struct section *section =
        document_add(command, &config_sections[CONFIG_SECTION_SERVER], NULL, 0);

    if (!section) {
        return false;
    }
    for (size_t i = 0; overrides && i < overrides->listen_count; i++) {
        if (!put(section, CONFIG_OPTION_listen, overrides->listen[i])) {
            return false;
        }
    }
    return !overrides || !overrides->state_dir ||
           put(section, CONFIG_OPTION_state_dir, overrides->state_dir);
}

/* Call after the overrides were added. */
static bool put_folder(struct document *command, const char *dir)
{
    struct section *server = &command->sections[0];
    const struct option_row *state_dir =
        &config_options[CONFIG_OPTION_state_dir].option;
    struct section *upload;
    char *state;
    bool done = true;

    if (!section_find(server, state_dir)) {
        if (asprintf(&state, "%s/.bitsd", strcmp(dir, "/") == 0 ? "" : dir) <
            0) {
            return false;
        }
        done = put(server, CONFIG_OPTION_state_dir, state);
        free(state);
    }
    upload = done
                 ? document_add(command,
                                &config_sections[CONFIG_SECTION_UPLOAD], "/", 0)
                 : NULL;
    return upload && put(upload, CONFIG_OPTION_root, dir);
}

struct config *config_load(const char *path,
                           const struct config_overrides *overrides,
                           struct string_list *errors)
{
    struct report report = {.lines = errors};
    struct config *config = config_new(path);

    if (!config || !put_overrides(&config->details->command, overrides)) {
        config_unref(config);
        return NULL;
    }
    document_judge(&config->details->command, &report);
    if (!document_read(&config->details->file, config_sections, &report)) {
        config_unref(config);
        return NULL;
    }
    return finish(config, &report);
}

enum config_choice config_peek_log_format(const char *path)
{
    enum config_choice format = CONFIG_LOG_TEXT;
    struct string_list errors = {0};
    struct report report = {.lines = &errors};
    struct config *config = config_new(path);

    if (config) {
        (void)document_read(&config->details->file, config_sections, &report);
        document_judge(&config->details->file, &report);
        if (fill_server(config)) {
            format = config->server.log_format;
        }
    }
    config_unref(config);
    string_list_done(&errors);
    return format;
}

struct config *config_new_simple(const char *dir,
                                 const struct config_overrides *overrides,
                                 struct string_list *errors)
{
    struct report report = {.lines = errors};
    struct config *config = config_new(NULL);

    if (!config || !put_overrides(&config->details->command, overrides) ||
        !put_folder(&config->details->command, dir)) {
        config_unref(config);
        return NULL;
    }
    document_judge(&config->details->command, &report);
    return finish(config, &report);
}
