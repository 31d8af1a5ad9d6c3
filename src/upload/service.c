/*
 * upload/service.c: creates and frees the service; applies the configuration.
 */
#include "upload/service.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "upload/events.h"

/* Frees a session that is only warm, so that it can make room for another
 * one. */
static void let_go(struct store_keeper *keeper, const struct bits_guid *id)
{
    struct upload_service *service =
        CONTAINER_OF(keeper, struct upload_service, keeper);

    active_table_drop(&service->table, id);
}

static void evicted(struct store_keeper *keeper, const struct bits_guid *id,
                    bool had_bytes)
{
    struct upload_service *service =
        CONTAINER_OF(keeper, struct upload_service, keeper);

    event_evicted(service, id,
                  had_bytes ? EVENT_BYTES_DELETED : EVENT_NO_BYTES);
}

struct upload_service *upload_service_new(struct store *store,
                                          upload_section *section,
                                          struct log_sink *log)
{
    struct upload_service *service = calloc(1, sizeof(*service));

    if (!service) {
        return NULL;
    }
    service->store = store;
    service->log = log;
    service->keeper =
        (struct store_keeper){.let_go = let_go, .evicted = evicted};
    if (active_table_init(&service->table) < 0 ||
        upload_places_init(&service->places, store, section, log) < 0 ||
        uv_mutex_init(&service->mutex) < 0 ||
        uv_cond_init(&service->idle) < 0) {
        abort();
    }
    return service;
}

void upload_service_free(struct upload_service *service)
{
    if (!service) {
        return;
    }
    upload_service_wait(service);
    active_table_done(&service->table);
    upload_rules_unref(service->rules);
    upload_places_done(&service->places);
    uv_cond_destroy(&service->idle);
    uv_mutex_destroy(&service->mutex);
    free(service);
}

/* --- configuration ------------------------------------------------------- */

/* A warning for each prefix that has sessions but no section. */
struct warning {
    struct store_listing listing;
    struct store_op op;
    struct upload_service *service;
    const struct upload_rules *rules;
    uv_sem_t done;
};

static void warn_of_prefix(struct store_listing *listing, const char *prefix,
                           uint64_t sessions)
{
    struct warning *warning = CONTAINER_OF(listing, struct warning, listing);

    if (!upload_rules_have(warning->rules, prefix)) {
        LOG(warning->service->log, LOG_WARNING, "prefix-removed",
            "the configuration does not have this prefix; its sessions are "
            "refused, and expire unless it is configured again",
            LOG_TEXT("prefix", text_of(prefix)),
            LOG_NUMBER("sessions", sessions));
    }
}

static void listed(struct store_op *op)
{
    uv_sem_post(&CONTAINER_OF(op, struct warning, op)->done);
}

/* Warns of a section that may have been removed or renamed by mistake. */
static void warn_of_removed(struct upload_service *service,
                            const struct upload_rules *rules)
{
    struct warning warning = {
        .listing = {.prefix = warn_of_prefix},
        .op = {.done = listed},
        .service = service,
        .rules = rules,
    };

    if (uv_sem_init(&warning.done, 0) < 0) {
        return;
    }
    if (service->store->ops->prefixes(service->store, &warning.listing,
                                      &warning.op) == STORE_LATER) {
        uv_sem_wait(&warning.done);
    }
    uv_sem_destroy(&warning.done);
}

/* The folders of a section cannot change while the server runs. */
static void warn_of_moved(struct upload_service *service,
                          const struct config *config,
                          const struct upload_rule *rule)
{
    const char *option = NULL;
    char place[CONFIG_PLACE_MAX];
    char words[CONFIG_PLACE_MAX + 100];

    if (strcmp(rule->place->root, rule->config->root) != 0) {
        option = "root";
    } else if (strcmp(rule->place->temp_dir, rule->config->temp_dir) != 0) {
        option = "temp_dir";
    }
    if (option) {
        config_write_place(config, rule->config, option, place);
        (void)snprintf(words, sizeof(words),
                       "%s: %s of a section cannot change on reload; restart "
                       "bitsd",
                       place, option);
        LOG(service->log, LOG_WARNING, "configuration", words,
            LOG_TEXT("prefix", text_of(rule->config->prefix)));
    }
}

static void put_in_force(struct upload_service *service,
                         struct upload_rules *rules)
{
    struct upload_rules *old;

    for (size_t i = 0; i < rules->count; i++) {
        const struct upload_rule *rule = &rules->rules[i];

        warn_of_moved(service, rules->config, rule);
        if (rule->place->place) {
            service->store->ops->place_reconfigure(rule->place->place,
                                                   rule->section);
        }
    }
    uv_mutex_lock(&service->mutex);
    old = service->rules;
    service->rules = rules;
    uv_mutex_unlock(&service->mutex);
    upload_rules_unref(old);
}

bool upload_service_configure(struct upload_service *service,
                              struct config *config)
{
    struct fault fault;
    struct upload_rules *old = service->rules ? service_rules(service) : NULL;
    struct upload_rules *rules;

    upload_places_close(&service->places);
    rules = upload_rules_new(&service->places, config, old, &fault);
    if (!rules) {
        log_words(service->log, LOG_ERROR, "configuration", fault.text);
        upload_rules_unref(old);
        return false;
    }
    put_in_force(service, rules);
    warn_of_removed(service, rules);
    active_table_cool(&service->table, 0);
    upload_rules_unref(old);
    upload_service_visit(service, UPLOAD_VISIT_RELOAD);
    return true;
}
