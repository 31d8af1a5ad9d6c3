/*
 * upload/service.c: the service's life, and the configuration in force.
 */
#include "upload/service.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"

struct upload_service *upload_service_new(struct store *store,
                                          struct log_sink *log)
{
    struct upload_service *service = calloc(1, sizeof(*service));

    if (!service) {
        return NULL;
    }
    service->store = store;
    service->log = log;
    if (active_table_init(&service->table) < 0 ||
        upload_unused_init(&service->unused) < 0 ||
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
    uv_mutex_lock(&service->mutex);
    while (service->housekeeping.calls > 0) {
        uv_cond_wait(&service->idle, &service->mutex);
    }
    uv_mutex_unlock(&service->mutex);
    active_table_done(&service->table);
    upload_rules_unref(service->rules);
    upload_unused_done(&service->unused);
    uv_cond_destroy(&service->idle);
    uv_mutex_destroy(&service->mutex);
    free(service);
}

/* --- configuration
 * ------------------------------------------------------------ */

struct counting {
    struct store_op op;
    uv_sem_t done;
};

static void count_done(struct store_op *op)
{
    uv_sem_post(&CONTAINER_OF(op, struct counting, op)->done);
}

/* Sessions of a section that is no longer there stay until they expire; the
 * administrator may not have meant to take it away. */
static void warn_of_sessions(struct upload_service *service, const char *prefix)
{
    struct counting counting = {.op = {.done = count_done}};
    uint64_t count = 0;

    if (uv_sem_init(&counting.done, 0) < 0) {
        return;
    }
    service->store->ops->count(service->store, prefix, &count, &counting.op);
    uv_sem_wait(&counting.done);
    uv_sem_destroy(&counting.done);
    if (counting.op.cause == BITS_OK && count > 0) {
        LOG(service->log, LOG_WARNING, "prefix-removed",
            "the configuration no longer has this prefix; its sessions are "
            "refused and kept until it is back",
            LOG_TEXT("prefix", text_of(prefix)), LOG_NUMBER("sessions", count));
    }
}

static void warn_of_removed(struct upload_service *service,
                            const struct upload_rules *old,
                            const struct upload_rules *rules)
{
    for (size_t i = 0; i < old->count; i++) {
        struct upload_place *place =
            upload_rules_place(rules, old->rules[i].place->prefix);

        if (!place) {
            warn_of_sessions(service, old->rules[i].place->prefix);
        }
        upload_place_unref(place);
    }
}

/* A section stays where it was opened. */
static void warn_of_moved(struct upload_service *service,
                          const struct upload_rule *rule)
{
    const char *words = NULL;

    if (strcmp(rule->place->root, rule->config->root) != 0) {
        words = "root of a section cannot change on reload; restart bitsd";
    } else if (strcmp(rule->place->temp_dir, rule->config->temp_dir) != 0) {
        words = "temp_dir of a section cannot change on reload; restart bitsd";
    }
    if (words) {
        LOG(service->log, LOG_WARNING, "configuration", words,
            LOG_TEXT("prefix", text_of(rule->config->prefix)));
    }
}

bool upload_service_configure(struct upload_service *service,
                              struct config *config)
{
    char detail[STORE_DETAIL_MAX];
    struct upload_rules *old = service->rules;
    struct upload_rules *rules;

    upload_unused_close(&service->unused);
    rules =
        upload_rules_new(service->store, &service->unused, config, old, detail);
    if (!rules) {
        log_words(service->log, LOG_ERROR, "configuration",
                  detail[0] ? detail : "out of memory");
        return false;
    }
    for (size_t i = 0; i < rules->count; i++) {
        warn_of_moved(service, &rules->rules[i]);
        service->store->ops->place_reconfigure(rules->rules[i].place->place,
                                               rules->rules[i].config);
    }
    if (old) {
        warn_of_removed(service, old, rules);
    }
    uv_mutex_lock(&service->mutex);
    service->rules = rules;
    uv_mutex_unlock(&service->mutex);
    active_table_cool(&service->table, 0);
    upload_rules_unref(old);
    return true;
}
