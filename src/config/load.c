/*
 * config/load.c: from a source to a configuration: what each section says,
 * before what `defaults` says, before what is built in.
 */
#include "config/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "config/source.h"

/* The sections that speak for one struct, the first one wins. */
struct layers {
    const struct source_section *items[2];
    size_t count;
};

static void layers_add(struct layers *layers,
                       const struct source_section *section)
{
    if (section) {
        layers->items[layers->count++] = section;
    }
}

/* --- one struct --- */

static bool set_texts(const struct option *option, void *home,
                      const struct config_list *texts)
{
    char fault[OPTION_FAULT_MAX];

    for (size_t i = 0; i < texts->count; i++) {
        if (option_set(option, home, texts->items[i], fault) != OPTION_SET) {
            return false;
        }
    }
    return true;
}

static const struct source_value *find_value(const struct layers *layers,
                                             size_t id)
{
    for (size_t i = 0; i < layers->count; i++) {
        const struct source_value *value = &layers->items[i]->values[id];

        if (value->origin.kind != CONFIG_ORIGIN_DEFAULT) {
            return value;
        }
    }
    return NULL;
}

static bool fill_option(size_t id, const struct layers *layers, void *home,
                        struct section_details *details)
{
    const struct source_value *value = find_value(layers, id);
    char fault[OPTION_FAULT_MAX];

    if (value) {
        details->origins[id] = value->origin;
        details->broken[id] = value->broken;
        if (!value->broken) {
            return set_texts(&options[id], home, &value->texts);
        }
    }
    return !options[id].def ||
           option_set(&options[id], home, options[id].def, fault) == OPTION_SET;
}

static bool fill(enum option_home kind, const struct layers *layers, void *home,
                 struct section_details *details)
{
    for (size_t id = 0; id < OPTION_COUNT; id++) {
        if (options[id].home == kind &&
            !fill_option(id, layers, home, details)) {
            return false;
        }
    }
    return true;
}

/* --- the whole --- */

static const struct source_section *
find_section(const struct source *source, enum source_kind kind, bool from_file)
{
    for (size_t i = 0; i < source->count; i++) {
        if (source->sections[i].kind == kind &&
            (source->sections[i].line > 0) == from_file) {
            return &source->sections[i];
        }
    }
    return NULL;
}

static bool fill_server(struct config *config, const struct source *source)
{
    struct layers layers = {0};

    layers_add(&layers, find_section(source, SOURCE_SERVER, false));
    layers_add(&layers, find_section(source, SOURCE_SERVER, true));
    return fill(OPTION_HOME_SERVER, &layers, &config->server,
                &config->details->server);
}

static bool fill_upload(struct config *config, size_t index,
                        const struct source *source,
                        const struct source_section *section)
{
    struct config_upload *upload = &config->uploads[index];
    struct section_details *details = &config->details->uploads[index];
    struct layers layers = {0};

    details->line = section->line;
    upload->prefix = strdup(section->title);
    layers_add(&layers, section);
    layers_add(&layers, find_section(source, SOURCE_DEFAULTS, true));
    return upload->prefix && fill(OPTION_HOME_UPLOAD, &layers, upload, details);
}

static size_t count_uploads(const struct source *source)
{
    size_t count = 0;

    for (size_t i = 0; i < source->count; i++) {
        count += source->sections[i].kind == SOURCE_UPLOAD;
    }
    return count;
}

static bool fill_all(struct config *config, const struct source *source)
{
    size_t index = 0;

    if (!fill_server(config, source)) {
        return false;
    }
    for (size_t i = 0; i < source->count; i++) {
        if (source->sections[i].kind == SOURCE_UPLOAD &&
            !fill_upload(config, index++, source, &source->sections[i])) {
            return false;
        }
    }
    return config_derive(config);
}

/* NULL: something was reported now or before, or memory is short. */
static struct config *build(const struct source *source, struct report *report)
{
    struct config *config = config_new(report->path, count_uploads(source));

    if (config && fill_all(config, source)) {
        config_check(config, report);
        if (!report->failed) {
            return config;
        }
    }
    config_unref(config);
    return NULL;
}

/* --- the command line --- */

static bool put_command(struct source_section *section, enum option_id id,
                        const char *text, struct report *report)
{
    return source_put(section, &options[id], text,
                      (struct config_origin){CONFIG_ORIGIN_COMMAND, 0}, report);
}

/* The section is there even if nothing was overridden. */
static bool put_overrides(struct source *source,
                          const struct config_overrides *overrides,
                          struct report *report)
{
    struct source_section *section = source_add(source, SOURCE_SERVER, NULL, 0);

    if (!section) {
        return false;
    }
    if (!overrides) {
        return true;
    }
    for (size_t i = 0; i < overrides->listen_count; i++) {
        if (!put_command(section, OPTION_listen, overrides->listen[i],
                         report)) {
            return false;
        }
    }
    return !overrides->state_dir ||
           put_command(section, OPTION_state_dir, overrides->state_dir, report);
}

static bool put_folder(struct source *source, const char *dir,
                       bool sets_state_dir, struct report *report)
{
    struct source_section *section;
    char *state;
    bool put = true;

    if (sets_state_dir) {
        if (asprintf(&state, "%s/.bitsd", strcmp(dir, "/") == 0 ? "" : dir) <
            0) {
            return false;
        }
        put =
            put_command(&source->sections[0], OPTION_state_dir, state, report);
        free(state);
    }
    section = put ? source_add(source, SOURCE_UPLOAD, "/", 0) : NULL;
    return section && put_command(section, OPTION_root, dir, report);
}

struct config *config_load(const char *path,
                           const struct config_overrides *overrides,
                           struct config_errors *errors)
{
    struct report report = {.errors = errors, .path = path};
    CLEANUP(source_done) struct source source = {0};

    if (!put_overrides(&source, overrides, &report) ||
        !source_read(&source, &report)) {
        return NULL;
    }
    return build(&source, &report);
}

struct config *config_new_simple(const char *dir,
                                 const struct config_overrides *overrides,
                                 struct config_errors *errors)
{
    struct report report = {.errors = errors};
    CLEANUP(source_done) struct source source = {0};
    bool sets_state_dir = !overrides || !overrides->state_dir;

    if (!put_overrides(&source, overrides, &report) ||
        !put_folder(&source, dir, sets_state_dir, &report)) {
        return NULL;
    }
    return build(&source, &report);
}
