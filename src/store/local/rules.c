/*
 * store/local/rules.c: see rules.h.
 */
#include "store/local/rules.h"

#include <string.h>

struct local_rules local_rules_of(struct store_place *place)
{
    struct local_rules rules;

    uv_mutex_lock(&place->store->mutex);
    rules = place->rules;
    uv_mutex_unlock(&place->store->mutex);
    return rules;
}

enum database_need local_need(struct store_place *place)
{
    return local_rules_of(place).section.durability == STORE_DURABLE_FINAL
               ? DATABASE_DURABLE
               : DATABASE_WRITE;
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
