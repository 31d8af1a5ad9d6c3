/*
 * config/config.c: creates, counts and frees configurations.
 */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "config/load.h"

static void clear(enum config_home kind, void *home)
{
    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        if (config_options[i].home == kind) {
            option_clear(&config_options[i].option, home);
        }
    }
}

static void details_free(struct config_details *details)
{
    document_done(&details->command);
    document_done(&details->file);
    free(details->uploads);
    free(details->path);
    free(details);
}

static void config_free(struct config *config)
{
    clear(CONFIG_HOME_SERVER, &config->server);
    for (size_t i = 0; i < config->upload_count; i++) {
        clear(CONFIG_HOME_UPLOAD, &config->uploads[i]);
        free(config->uploads[i].prefix);
    }
    free(config->uploads);
    details_free(config->details);
    free(config);
}

struct config *config_new(const char *path)
{
    struct config *config = calloc(1, sizeof(*config));
    struct config_details *details = calloc(1, sizeof(*details));

    if (!config || !details) {
        free(config);
        free(details);
        return NULL;
    }
    config->details = details;
    atomic_init(&details->references, 1);
    if (path) {
        details->path = strdup(path);
        details->file.path = details->path;
    }
    if (path && !details->path) {
        config_free(config);
        return NULL;
    }
    return config;
}

bool config_make_room(struct config *config, size_t upload_count)
{
    /* Room for at least one, so that NULL always means that memory ran out. */
    size_t room = upload_count > 0 ? upload_count : 1;

    config->uploads = calloc(room, sizeof(*config->uploads));
    config->details->uploads = calloc(room, sizeof(*config->details->uploads));
    if (!config->uploads || !config->details->uploads) {
        return false;
    }
    config->upload_count = upload_count;
    return true;
}

struct config *config_ref(struct config *config)
{
    atomic_fetch_add_explicit(&config->details->references, 1,
                              memory_order_relaxed);
    return config;
}

void config_unref(struct config *config)
{
    if (config && atomic_fetch_sub_explicit(&config->details->references, 1,
                                            memory_order_acq_rel) == 1) {
        config_free(config);
    }
}
