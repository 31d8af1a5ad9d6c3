/*
 * access/live_files.c: see live_files.h.
 */
#include "access/live_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

static struct live_file *find(const struct live_files *files, const char *path)
{
    for (size_t i = 0; path && i < files->count; i++) {
        if (strcmp(files->items[i].path, path) == 0) {
            return &files->items[i];
        }
    }
    return NULL;
}

static bool is_named(const struct live_files *files,
                     const struct config *config, const char *path)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        const char *needed = files->kind->path(&config->uploads[i]);

        if (needed && strcmp(needed, path) == 0) {
            return true;
        }
    }
    return false;
}

/* --- a configuration ------------------------------------------------------ */

/* False: no memory. */
static bool add(struct live_files *files, const char *path)
{
    struct live_file *items;

    if (find(files, path)) {
        return true;
    }
    items = realloc(files->items, (files->count + 1) * sizeof(items[0]));
    if (!items) {
        return false;
    }
    files->items = items;
    if (!live_file_init(&items[files->count], files->kind, path)) {
        return false;
    }
    files->count++;
    return true;
}

static bool add_all(struct live_files *files, const struct config *config)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        const char *path = files->kind->path(&config->uploads[i]);

        if (path && !add(files, path)) {
            return false;
        }
    }
    return true;
}

bool live_files_prepare(struct live_files *files, const struct config *config,
                        struct string_list *errors)
{
    struct report report = {.lines = errors};
    bool done = add_all(files, config);

    for (size_t i = 0; done && i < files->count; i++) {
        if (is_named(files, config, files->items[i].path)) {
            live_file_read(&files->items[i], &report);
        }
    }
    return done && !report.failed;
}

/* Those of the configuration before stay. */
void live_files_configure(struct live_files *files, const struct config *config)
{
    size_t kept = 0;

    for (size_t i = 0; i < files->count; i++) {
        struct live_file *file = &files->items[i];
        bool is_needed = is_named(files, config, file->path);

        if (is_needed || file->is_needed) {
            file->is_needed = is_needed;
            files->items[kept++] = *file;
        } else {
            live_file_done(file);
        }
    }
    files->count = kept;
}

void live_files_done(struct live_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        live_file_done(&files->items[i]);
    }
    free(files->items);
}

/* --- the tables ----------------------------------------------------------- */

static void log_lines(struct log_sink *log, const char *event,
                      const struct string_list *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        log_words(log, LOG_ERROR, event, lines->items[i]);
    }
}

const void *live_files_table(struct live_files *files, const char *path,
                             struct log_sink *log)
{
    struct live_file *file = find(files, path);
    const struct live_kind *kind = files->kind;
    struct string_list errors = {0};
    struct report report = {.lines = &errors};

    if (!file) {
        return NULL;
    }
    if (live_file_refresh(file, &report) == LIVE_FILE_CHANGED) {
        LOG(log, LOG_INFO, kind->event, kind->changed,
            LOG_TEXT("file", text_of(file->path)),
            LOG_NUMBER(kind->entries, kind->count(file->table)));
    }
    log_lines(log, kind->event, &errors);
    string_list_done(&errors);
    return file->table;
}
