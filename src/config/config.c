/*
 * config/config.c: the life of a configuration: made, counted, freed.
 */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "config/load.h"

static void clear(enum option_home kind, void *home)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (options[i].home == kind) {
            option_clear(&options[i], home);
        }
    }
}

static void config_free(struct config *config)
{
    clear(OPTION_HOME_SERVER, &config->server);
    for (size_t i = 0; i < config->upload_count; i++) {
        clear(OPTION_HOME_UPLOAD, &config->uploads[i]);
        free(config->uploads[i].prefix);
    }
    free(config->uploads);
    if (config->details) {
        free(config->details->uploads);
        free(config->details->path);
    }
    free(config->details);
    free(config);
}

/* One entry at least, so that NULL always means that memory is short. */
static void *new_array(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size);
}

static bool allocate(struct config *config, const char *path,
                     size_t upload_count)
{
    struct config_details *details = calloc(1, sizeof(*details));

    config->details = details;
    if (!details) {
        return false;
    }
    atomic_init(&details->references, 1);
    details->uploads = new_array(upload_count, sizeof(*details->uploads));
    config->uploads = new_array(upload_count, sizeof(*config->uploads));
    if (!details->uploads || !config->uploads) {
        return false;
    }
    config->upload_count = upload_count;
    if (path) {
        details->path = strdup(path);
        return details->path != NULL;
    }
    return true;
}

struct config *config_new(const char *path, size_t upload_count)
{
    struct config *config = calloc(1, sizeof(*config));

    if (config && !allocate(config, path, upload_count)) {
        config_free(config);
        return NULL;
    }
    return config;
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
