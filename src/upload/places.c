/*
 * upload/places.c: see places.h.
 */
#include "upload/places.h"

#include <stdlib.h>
#include <string.h>

#include <openbits/target.h>

#include "base/text.h"

static void count_up(unsigned *refs)
{
    __atomic_add_fetch(refs, 1, __ATOMIC_RELAXED);
}

static bool count_down(unsigned *refs)
{
    return __atomic_sub_fetch(refs, 1, __ATOMIC_ACQ_REL) == 0;
}

static struct store *store_of(const struct upload_place *place)
{
    return place->places->store;
}

struct upload_place *upload_place_new(struct upload_places *places,
                                      const struct config_upload *config)
{
    struct upload_place *place = calloc(1, sizeof(*place));

    if (!place) {
        return NULL;
    }
    if (uv_mutex_init(&place->mutex) != 0) {
        free(place);
        return NULL;
    }
    place->refs = 1;
    place->places = places;
    place->away = CAUSE_PLACE_AWAY;
    place->prefix = strdup(config->prefix);
    place->root = strdup(config->root);
    place->temp_dir = strdup(config->temp_dir);
    if (!place->prefix || !place->root || !place->temp_dir) {
        upload_place_unref(place);
        return NULL;
    }
    return place;
}

enum bits_cause upload_place_state(const struct upload_place *place)
{
    return (enum bits_cause)place->away;
}

enum bits_cause upload_away_cause(enum bits_cause cause)
{
    return cause == BITS_CAUSE_DISK_FULL || cause == CAUSE_QUOTA_EXCEEDED
               ? cause
               : CAUSE_PLACE_AWAY;
}

void upload_say_away(struct upload_place *place, const struct fault *why)
{
    bool is_new;

    uv_mutex_lock(&place->mutex);
    is_new = strcmp(place->said.text, why->text) != 0;
    place->said = *why;
    uv_mutex_unlock(&place->mutex);
    if (is_new) {
        LOG(place->places->log, LOG_ERROR, "place-away",
            "uploads to this prefix are refused until its root and staging "
            "folder are back",
            LOG_TEXT("prefix", text_of(place->prefix)),
            LOG_TEXT("detail", text_of(why->text)));
    }
}

void upload_forget_away(struct upload_place *place)
{
    uv_mutex_lock(&place->mutex);
    place->said.text[0] = '\0';
    uv_mutex_unlock(&place->mutex);
}

void upload_place_reason(struct upload_place *place, struct fault *ret_fault)
{
    uv_mutex_lock(&place->mutex);
    (void)fault_set(ret_fault, "%s",
                    place->said.text[0] ? place->said.text : place->root);
    uv_mutex_unlock(&place->mutex);
}

void upload_say_open(const struct upload_place *place)
{
    bool known = store_of(place)->ops->is_saved(place->place, NULL);

    LOG(place->places->log, known ? LOG_DEBUG : LOG_INFO, "place-open",
        known ? "the file system tells its mounts apart; unfinished uploads "
                "keep every acknowledged byte until it is unmounted"
              : "the file system does not tell its mounts apart; each Fragment "
                "is acknowledged after fdatasync",
        LOG_TEXT("prefix", text_of(place->prefix)),
        LOG_TEXT("root", text_of(place->root)),
        LOG_TEXT("counts", text_of(known ? "instance" : "synced")));
}

static struct upload_place *place_open(struct upload_places *places,
                                       const struct upload_rule *rule,
                                       struct fault *ret_fault)
{
    struct upload_place *place = upload_place_new(places, rule->config);
    bool may_come = false;
    enum bits_cause cause;

    if (!place) {
        (void)fault_set(ret_fault, "no memory");
        return NULL;
    }
    cause = places->store->ops->place_open(places->store, rule->section,
                                           &place->place, &may_come, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        place->away = BITS_CAUSE_OK;
        upload_say_open(place);
    } else if (may_come) {
        place->away = (int)upload_away_cause(cause);
        upload_say_away(place, ret_fault);
    } else {
        upload_place_unref(place);
        return NULL;
    }
    return place;
}

struct upload_place *upload_place_ref(struct upload_place *place)
{
    count_up(&place->refs);
    return place;
}

static void put_aside(struct upload_place *place)
{
    struct upload_places *places = place->places;

    uv_mutex_lock(&places->mutex);
    place->next = places->unused;
    places->unused = place;
    uv_mutex_unlock(&places->mutex);
}

void upload_place_unref(struct upload_place *place)
{
    if (place && count_down(&place->refs)) {
        put_aside(place);
    }
}

static void place_close(struct upload_place *place)
{
    if (place->place) {
        store_of(place)->ops->place_close(place->place);
    }
    free(place->prefix);
    free(place->root);
    free(place->temp_dir);
    uv_mutex_destroy(&place->mutex);
    free(place);
}

int upload_places_init(struct upload_places *places, struct store *store,
                       upload_section *section, struct log_sink *log)
{
    places->store = store;
    places->section = section;
    places->log = log;
    places->unused = NULL;
    return uv_mutex_init(&places->mutex);
}

static bool is_busy(const struct upload_place *place)
{
    return place->place && store_of(place)->ops->place_is_busy(place->place);
}

static struct upload_place *take_all(struct upload_places *places)
{
    struct upload_place *first;

    uv_mutex_lock(&places->mutex);
    first = places->unused;
    places->unused = NULL;
    uv_mutex_unlock(&places->mutex);
    return first;
}

void upload_places_close(struct upload_places *places)
{
    struct upload_place *next;

    for (struct upload_place *place = take_all(places); place; place = next) {
        next = place->next;
        if (is_busy(place)) {
            put_aside(place);
        } else {
            place_close(place);
        }
    }
}

void upload_places_done(struct upload_places *places)
{
    struct upload_place *next;

    for (struct upload_place *place = take_all(places); place; place = next) {
        next = place->next;
        place_close(place);
    }
    uv_mutex_destroy(&places->mutex);
}

static struct upload_place *find_place(const struct upload_rules *rules,
                                       const char *prefix)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (strcmp(rules->rules[i].place->prefix, prefix) == 0) {
            return rules->rules[i].place;
        }
    }
    return NULL;
}

bool upload_rules_have(const struct upload_rules *rules, const char *prefix)
{
    return find_place(rules, prefix) != NULL;
}

struct upload_place *upload_rules_place(const struct upload_rules *rules,
                                        const char *prefix)
{
    struct upload_place *place = find_place(rules, prefix);

    return place ? upload_place_ref(place) : NULL;
}

static struct upload_rules *rules_new(struct config *config, size_t count)
{
    struct upload_rules *rules =
        calloc(1, sizeof(*rules) + count * sizeof(rules->rules[0]));

    if (rules) {
        rules->refs = 1;
        rules->config = config_ref(config);
    }
    return rules;
}

/* The caller sets the rule's place.  Returns NULL if memory ran out. */
static struct upload_rule *add_rule(struct upload_rules *rules,
                                    struct upload_places *places,
                                    const struct config_upload *config)
{
    struct upload_rule *rule = &rules->rules[rules->count];

    rule->config = config;
    rule->section = places->section(config);
    if (!rule->section) {
        return NULL;
    }
    rules->count++;
    return rule;
}

struct upload_rules *upload_rules_new(struct upload_places *places,
                                      struct config *config,
                                      struct upload_rules *old,
                                      struct fault *ret_fault)
{
    struct upload_rules *rules = rules_new(config, config->upload_count);

    (void)fault_set(ret_fault, "no memory");
    for (size_t i = 0; rules && i < config->upload_count; i++) {
        const struct config_upload *upload = &config->uploads[i];
        struct upload_rule *rule = add_rule(rules, places, upload);

        if (rule && old) {
            rule->place = upload_rules_place(old, upload->prefix);
        }
        if (rule && !rule->place) {
            rule->place = place_open(places, rule, ret_fault);
        }
        if (!rule || !rule->place) {
            upload_rules_unref(rules);
            rules = NULL;
        }
    }
    return rules;
}

static bool has_place(const struct upload_rules *rules,
                      const struct upload_place *place)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->rules[i].place == place) {
            return true;
        }
    }
    return false;
}

/* If it returns true, it has taken over the caller's reference of `place`. */
static bool copy_rules(const struct upload_rules *rules,
                       const struct upload_place *old,
                       struct upload_place *place, struct upload_rules *copy)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (!add_rule(copy, place->places, rules->rules[i].config)) {
            return false;
        }
    }
    for (size_t i = 0; i < rules->count; i++) {
        copy->rules[i].place = rules->rules[i].place == old
                                   ? place
                                   : upload_place_ref(rules->rules[i].place);
    }
    return true;
}

struct upload_rules *upload_rules_replace(const struct upload_rules *rules,
                                          const struct upload_place *old,
                                          struct upload_place *place)
{
    struct upload_rules *copy =
        has_place(rules, old) ? rules_new(rules->config, rules->count) : NULL;

    if (copy && !copy_rules(rules, old, place, copy)) {
        upload_rules_unref(copy);
        copy = NULL;
    }
    return copy;
}

struct upload_rules *upload_rules_ref(struct upload_rules *rules)
{
    count_up(&rules->refs);
    return rules;
}

void upload_rules_unref(struct upload_rules *rules)
{
    if (!rules || !count_down(&rules->refs)) {
        return;
    }
    for (size_t i = 0; i < rules->count; i++) {
        upload_place_unref(rules->rules[i].place);
        free(rules->rules[i].section);
    }
    config_unref(rules->config);
    free(rules);
}

const struct upload_rule *upload_rules_match(const struct upload_rules *rules,
                                             struct bits_text path,
                                             struct bits_text *ret_rest)
{
    const struct upload_rule *best = NULL;
    size_t best_len = 0;

    for (size_t i = 0; i < rules->count; i++) {
        const struct upload_rule *rule = &rules->rules[i];
        struct bits_text prefix = text_of(rule->config->prefix);
        struct bits_text rest;

        if (bits_target_below(path, prefix, &rest) && prefix.len > best_len) {
            best = rule;
            best_len = prefix.len;
            *ret_rest = rest;
        }
    }
    return best;
}
