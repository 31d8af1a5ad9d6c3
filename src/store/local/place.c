/*
 * store/local/place.c: an upload section's root folder and its staging folder.
 *
 * Places are opened and closed by one thread at a time (at start and on
 * reload); the lists are looked through by all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/local/private.h"

struct config_upload local_rules_of(struct store_place *place)
{
    struct config_upload rules;

    uv_mutex_lock(&place->store->mutex);
    rules = place->rules;
    uv_mutex_unlock(&place->store->mutex);
    return rules;
}

enum database_need local_need(struct store_place *place)
{
    return local_rules_of(place).durability == CONFIG_DURABLE_FINAL
               ? DATABASE_DURABLE
               : DATABASE_WRITE;
}

void local_place_reconfigure(struct store_place *place,
                             const struct config_upload *config)
{
    struct config_upload rules = *config;

    rules.prefix = NULL;
    rules.root = NULL;
    rules.temp_dir = NULL;
    rules.host_id = NULL;
    uv_mutex_lock(&place->store->mutex);
    place->rules = rules;
    place->told_group = false;
    uv_mutex_unlock(&place->store->mutex);
}

struct store_place *local_place_enter(struct local_store *store,
                                      const char *prefix)
{
    struct store_place *place;

    uv_mutex_lock(&store->mutex);
    place = store->places;
    while (place && strcmp(place->prefix, prefix) != 0) {
        place = place->next;
    }
    if (place) {
        place->busy++;
    }
    uv_mutex_unlock(&store->mutex);
    return place;
}

static bool open_root(struct store_place *place, char detail[STORE_DETAIL_MAX])
{
    char *real = realpath(place->root_path, NULL);

    if (real) {
        free(place->root_path);
        place->root_path = real;
        place->root =
            open(place->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (place->root >= 0) {
        return true;
    }
    if (errno == ENOENT) {
        (void)snprintf(detail, STORE_DETAIL_MAX,
                       "the root folder %s does not exist; make it, or "
                       "correct root of upload %s",
                       place->root_path, place->prefix);
    } else {
        (void)os_fail((struct os_detail){detail, STORE_DETAIL_MAX}, errno,
                      "cannot open the root folder", place->root_path, NULL);
    }
    return false;
}

static bool open_staging(struct store_place *place,
                         const struct config_upload *config,
                         char detail[STORE_DETAIL_MAX])
{
    char *path = NULL;

    if (config->temp_dir) {
        path = strdup(config->temp_dir);
    } else if (asprintf(&path, "%s/.bitsd", config->root) < 0) {
        path = NULL;
    }
    if (!path) {
        (void)snprintf(detail, STORE_DETAIL_MAX, "no memory");
        return false;
    }
    place->staging =
        local_staging_open(place->store, path, place->root, detail);
    free(path);
    return place->staging != NULL;
}

static void place_free(struct store_place *place)
{
    if (place->staging) {
        local_staging_close(place->store, place->staging);
    }
    if (place->root >= 0) {
        (void)close(place->root);
    }
    free(place->prefix);
    free(place->root_path);
    free(place);
}

static struct store_place *place_new(struct local_store *store,
                                     const struct config_upload *config)
{
    struct store_place *place = calloc(1, sizeof(*place));

    if (!place) {
        return NULL;
    }
    place->store = store;
    place->root = -1;
    place->prefix = strdup(config->prefix);
    place->root_path = strdup(config->root);
    if (!place->prefix || !place->root_path) {
        place_free(place);
        return NULL;
    }
    local_place_reconfigure(place, config);
    return place;
}

struct store_place *local_place_open(struct store *base,
                                     const struct config_upload *config,
                                     char detail[STORE_DETAIL_MAX])
{
    struct local_store *store = local_of(base);
    struct store_place *place = place_new(store, config);

    if (!place) {
        (void)snprintf(detail, STORE_DETAIL_MAX, "no memory");
        return NULL;
    }
    if (!open_root(place, detail) || !open_staging(place, config, detail) ||
        local_recover(place, detail) != BITS_OK) {
        place_free(place);
        return NULL;
    }
    uv_mutex_lock(&store->mutex);
    place->next = store->places;
    store->places = place;
    uv_mutex_unlock(&store->mutex);
    return place;
}

bool local_place_is_busy(struct store_place *place)
{
    struct local_store *store = place->store;
    bool busy;

    uv_mutex_lock(&store->mutex);
    busy = place->busy > 0;
    uv_mutex_unlock(&store->mutex);
    return busy;
}

void local_place_close(struct store_place *place)
{
    struct local_store *store = place->store;
    struct store_place **link = &store->places;

    uv_mutex_lock(&store->mutex);
    while (*link != place) {
        link = &(*link)->next;
    }
    *link = place->next;
    local_wait_until_idle(store, &place->busy);
    uv_mutex_unlock(&store->mutex);
    place_free(place);
}
