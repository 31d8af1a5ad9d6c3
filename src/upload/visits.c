/*
 * upload/visits.c: checks that the folders of each section are still at their
 * paths.
 *
 * A place whose folders are gone is away: its packets are refused until the
 * paths lead to those folders again, or to folders that may replace them.
 * Replacements are opened as a new place, and the sessions of the old place are
 * loaded again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "upload/service.h"

struct visit {
    struct store_op op;
    struct upload_service *service;
    struct upload_rules *rules; /* owns the borrowed config */
    struct config_upload config;
    struct store_section *section; /* made from config */
    struct store_visit visit;
    struct upload_place *place;
    struct upload_place *spare; /* for a replacement */
};

static void visit_free(struct visit *visit)
{
    struct upload_service *service = visit->service;

    upload_place_unref(visit->spare);
    upload_place_unref(visit->place);
    upload_rules_unref(visit->rules);
    free(visit->section);
    free(visit);
    uv_mutex_lock(&service->mutex);
    if (--service->visits == 0) {
        uv_cond_signal(&service->idle);
    }
    uv_mutex_unlock(&service->mutex);
}

static void say_back(struct visit *visit)
{
    LOG(visit->service->log, LOG_INFO, "place-back",
        "the folders of this prefix are available again",
        LOG_TEXT("prefix", text_of(visit->config.prefix)),
        LOG_TEXT("root", text_of(visit->config.root)));
}

/* A reload may have changed the limits since it was opened. */
static void reconfigure(const struct upload_rules *rules, const char *prefix)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct upload_place *place = rules->rules[i].place;

        if (strcmp(place->prefix, prefix) == 0) {
            place->places->store->ops->place_reconfigure(
                place->place, rules->rules[i].section);
        }
    }
}

/* Call with the mutex held.  Returns false if a reload has removed the
 * section. */
static bool swap(struct upload_service *service, struct visit *visit,
                 struct upload_rules **ret_old)
{
    struct upload_rules *rules =
        upload_rules_replace(service->rules, visit->place, visit->spare);

    if (!rules) {
        return false;
    }
    visit->spare = NULL; /* the rules own it now */
    reconfigure(rules, visit->config.prefix);
    *ret_old = service->rules;
    service->rules = rules;
    return true;
}

/* Uses the new place from now on; the old place is freed with the last session
 * that refers to it. */
static void replace_place(struct visit *visit)
{
    struct upload_service *service = visit->service;
    struct upload_place *place = upload_place_ref(visit->spare);
    struct upload_rules *old = NULL;
    bool swapped;

    visit->spare->place = visit->visit.found;
    visit->spare->away = BITS_CAUSE_OK;
    uv_mutex_lock(&service->mutex);
    swapped = swap(service, visit, &old);
    uv_mutex_unlock(&service->mutex);
    upload_rules_unref(old);
    if (swapped) {
        say_back(visit);
        upload_say_open(place);
    }
    upload_place_unref(place);
}

static void go_away(struct visit *visit, enum bits_cause cause)
{
    struct upload_place *place = visit->place;
    int before = place->away;

    place->away = (int)upload_away_cause(cause);
    if (before == BITS_CAUSE_OK) {
        /* Sessions that no request uses close their folders. */
        active_table_cool(&visit->service->table, 0);
    }
    upload_say_away(place, &visit->op.fault);
}

static void visit_done(struct store_op *op)
{
    struct visit *visit = CONTAINER_OF(op, struct visit, op);
    struct upload_service *service = visit->service;

    if (op->outcome.cause != BITS_CAUSE_OK) {
        go_away(visit, op->outcome.cause);
    } else if (visit->visit.found != visit->place->place) {
        replace_place(visit);
    } else if (visit->place->away != BITS_CAUSE_OK) {
        visit->place->away = BITS_CAUSE_OK;
        upload_forget_away(visit->place);
        say_back(visit);
    }
    uv_mutex_lock(&service->mutex);
    visit->place->visited = false;
    visit->place->reloaded &= op->outcome.cause != BITS_CAUSE_OK;
    uv_mutex_unlock(&service->mutex);
    visit_free(visit);
}

/* Call with the mutex held.  Uses the folders with which the section was
 * started, whatever the configuration says now. */
static struct visit *visit_new(struct upload_service *service,
                               struct upload_rules *rules,
                               const struct upload_rule *rule)
{
    struct upload_place *place = rule->place;
    struct visit *visit = place->visited ? NULL : calloc(1, sizeof(*visit));

    if (!visit) {
        return NULL;
    }
    visit->config = *rule->config;
    visit->config.root = place->root;
    visit->config.temp_dir = place->temp_dir;
    visit->section = service->places.section(&visit->config);
    if (!visit->section) {
        free(visit);
        return NULL;
    }
    if (place->away != BITS_CAUSE_OK) {
        visit->spare = upload_place_new(&service->places, &visit->config);
    }
    visit->visit = (struct store_visit){
        .section = visit->section,
        .how = !visit->spare     ? STORE_VISIT_LOOK
               : place->reloaded ? STORE_VISIT_ACCEPT
                                 : STORE_VISIT_REOPEN,
    };
    visit->op.done = visit_done;
    visit->service = service;
    visit->rules = upload_rules_ref(rules);
    visit->place = upload_place_ref(place);
    place->visited = true;
    service->visits++;
    return visit;
}

static void start(struct upload_service *service, struct visit *visit)
{
    if (service->store->ops->place_visit(service->store, visit->place->place,
                                         &visit->visit,
                                         &visit->op) == STORE_NOW) {
        visit_done(&visit->op);
    }
}

void upload_service_visit(struct upload_service *service, enum upload_visit why)
{
    struct upload_rules *rules = service_rules(service);
    struct visit *visit;

    if (!service->store->ops->place_visit) {
        upload_rules_unref(rules);
        return;
    }
    for (size_t i = 0; i < rules->count; i++) {
        uv_mutex_lock(&service->mutex);
        rules->rules[i].place->reloaded |= why == UPLOAD_VISIT_RELOAD;
        visit = visit_new(service, rules, &rules->rules[i]);
        uv_mutex_unlock(&service->mutex);
        if (visit) {
            start(service, visit);
        }
    }
    upload_rules_unref(rules);
}
