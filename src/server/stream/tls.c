/*
 * server/stream/tls.c: see tls.h.
 */
#include "server/stream/tls.h"

#include <stdlib.h>
#include <string.h>

#include "server/stream/tls_clients.h"
#include "server/stream/tls_pair.h"
#include "server/stream/tls_set.h"
#include "server/stream/tls_stream.h"
#include "server/stream/tls_tickets.h"
#include "server/stream/tls_trust.h"

static void open_door(struct tls *tls, struct tls_door *door)
{
    door->tls = tls;
    door->streams = (struct stream_kind){
        .scheme = "https", .context = door, .open = tls_stream_open};
}

struct tls *tls_new(void)
{
    struct tls *tls = calloc(1, sizeof(*tls));

    if (!tls || uv_mutex_init(&tls->mutex) < 0) {
        free(tls);
        return NULL;
    }
    open_door(tls, &tls->open);
    open_door(tls, &tls->certified);
    tls->tickets = tls_tickets_new();
    tls->clients = tls_clients_new();
    if (!tls->tickets || !tls->clients) {
        tls_free(tls);
        return NULL;
    }
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls) {
        tls_set_unref(tls->open.set);
        tls_set_unref(tls->certified.set);
        if (tls->tickets) {
            tls_tickets_unref(tls->tickets);
        }
        tls_clients_unref(tls->clients);
        tls_trust_unref(tls->trust);
        uv_mutex_destroy(&tls->mutex);
        free(tls);
    }
}

/* --- configuration ------------------------------------------------------- */

static void tell(const struct tls_watcher *watcher,
                 const struct tls_files *files, const struct tls_fault *fault,
                 const char *words)
{
    struct tls_problem problem = {
        .part = fault->part, .words = words, .error = fault->error};

    if (fault->part == TLS_PART_CERTIFICATE) {
        problem.path = files->certificate;
    } else if (fault->part == TLS_PART_KEY) {
        problem.path = files->key;
    } else if (fault->part == TLS_PART_OCSP) {
        problem.path = files->ocsp;
    }
    watcher->problem(watcher->context, &problem);
}

/* Returns a reference, or NULL. */
static struct tls_pair *find_pair(const struct tls_set *set, const char *path)
{
    for (size_t i = 0; set && i < set->count; i++) {
        if (strcmp(set->entries[i].pair->path, path) == 0) {
            return tls_pair_ref(set->entries[i].pair);
        }
    }
    return NULL;
}

static void tell_stays(const struct tls_watcher *watcher,
                       const struct tls_files *files,
                       const struct tls_fault *fault)
{
    struct fault words;

    (void)fault_set(&words, "%s; the one that was read before stays in force",
                    fault->fault.text);
    tell(watcher, files, fault, words.text);
}

/* Returns how many pairs there are, with a reference to each. */
static size_t read_pairs(const struct tls *tls,
                         const struct tls_settings *settings,
                         struct tls_pair **pairs, bool *ret_sound,
                         const struct tls_watcher *watcher)
{
    size_t count = 0;

    *ret_sound = true;
    for (size_t i = 0; i < settings->count; i++) {
        const struct tls_files *files = &settings->files[i];
        struct tls_fault fault;
        struct tls_pair *pair = tls_pair_read(files, &fault);

        if (!pair) {
            *ret_sound = false;
            pair = find_pair(tls->open.set, files->certificate);
            if (pair) {
                tell_stays(watcher, files, &fault);
            } else {
                tell(watcher, files, &fault, fault.fault.text);
            }
        }
        if (pair) {
            pairs[count++] = pair;
        }
    }
    return count;
}

static void tell_clients(const struct tls *tls, const struct tls_fault *fault,
                         const char *path, const struct tls_watcher *watcher)
{
    struct fault words;
    struct tls_problem problem = {.part = fault->part,
                                  .path = path,
                                  .words = words.text,
                                  .error = fault->error};

    (void)fault_set(&words, "%s%s", fault->fault.text,
                    tls->trust ? "; client_ca and client_crl stay as they were "
                                 "read before"
                               : "");
    watcher->problem(watcher->context, &problem);
}

/* Returns a reference to what shall be in force, or NULL. */
static struct tls_trust *read_trust(const struct tls *tls,
                                    const struct tls_settings *settings,
                                    bool *is_sound,
                                    const struct tls_watcher *watcher)
{
    struct tls_trust *trust = NULL;
    struct tls_fault fault;
    const char *path;

    if (settings->clients) {
        trust = tls_trust_read(settings->clients, &fault, &path);
        if (!trust) {
            *is_sound = false;
            tell_clients(tls, &fault, path, watcher);
        }
    }
    if (!trust && tls->trust) {
        trust = tls_trust_ref(tls->trust);
    }
    return trust;
}

static void put_set(struct tls_door *door, struct tls_set *set)
{
    struct tls_set *old;

    uv_mutex_lock(&door->tls->mutex);
    old = door->set;
    door->set = set;
    uv_mutex_unlock(&door->tls->mutex);
    tls_set_unref(old);
}

/* A connection that began with the older set must find that the number of the
 * trust changes: that comes last. */
static void put_in_force(struct tls *tls, struct tls_set *open,
                         struct tls_set *certified, struct tls_trust *trust)
{
    put_set(&tls->open, open);
    if (certified) {
        put_set(&tls->certified, certified);
        tls_clients_trust(tls->clients, trust);
        tls_trust_unref(tls->trust);
        tls->trust = tls_trust_ref(trust);
    }
}

static bool make_sets(struct tls *tls, const struct tls_settings *settings,
                      const struct tls_material *material,
                      const struct tls_watcher *watcher)
{
    struct tls_material without = *material;
    struct tls_fault fault;
    struct tls_set *open;
    struct tls_set *certified = NULL;

    without.trust = NULL;
    open = tls_set_new(settings, &without, &fault);
    if (open && material->trust) {
        certified = tls_set_new(settings, material, &fault);
    }
    if (!open || (material->trust && !certified)) {
        tls_set_unref(open);
        tell(watcher, &settings->files[0], &fault, fault.fault.text);
        return false;
    }
    put_in_force(tls, open, certified, material->trust);
    return true;
}

bool tls_configure(struct tls *tls, const struct tls_settings *settings,
                   const struct tls_watcher *watcher)
{
    struct tls_pair **pairs = calloc(settings->count + 1, sizeof(pairs[0]));
    struct tls_material material = {
        .pairs = pairs, .tickets = tls->tickets, .clients = tls->clients};
    bool is_sound = false;

    if (pairs) {
        material.count = read_pairs(tls, settings, pairs, &is_sound, watcher);
    }
    if (material.count > 0) {
        material.trust = read_trust(tls, settings, &is_sound, watcher);
        is_sound &= make_sets(tls, settings, &material, watcher);
        tls_trust_unref(material.trust);
    }
    for (size_t i = 0; i < material.count; i++) {
        tls_pair_unref(pairs[i]);
    }
    free(pairs);
    return is_sound;
}

/* --- time ---------------------------------------------------------------- */

static void warn(const struct tls_watcher *watcher, enum tls_part part,
                 const char *path, const char *words)
{
    watcher->problem(
        watcher->context,
        &(struct tls_problem){
            .part = part, .path = path, .words = words, .is_warning = true});
}

static void check_pairs(const struct tls_set *set, int64_t now,
                        const struct tls_watcher *watcher)
{
    struct fault fault;

    for (size_t i = 0; set && i < set->count; i++) {
        const struct tls_pair *pair = set->entries[i].pair;

        if (!tls_pair_is_fresh(pair, now, &fault)) {
            warn(watcher, TLS_PART_CERTIFICATE, pair->path, fault.text);
        }
        if (!tls_pair_is_staple_fresh(pair, now, &fault)) {
            warn(watcher, TLS_PART_OCSP, pair->ocsp_path, fault.text);
        }
    }
}

void tls_check_dates(struct tls *tls, int64_t now,
                     const struct tls_watcher *watcher)
{
    const struct tls_trust *trust = tls->trust;
    struct fault fault;

    check_pairs(tls->open.set, now, watcher);
    for (size_t i = 0; trust && i < trust->count; i++) {
        const struct tls_trust_item *item = &trust->items[i];

        if (!tls_trust_is_fresh(item, now, &fault)) {
            warn(watcher,
                 item->revoked ? TLS_PART_CLIENT_CRL : TLS_PART_CLIENT_CA,
                 item->path, fault.text);
        }
    }
}

void tls_rotate_tickets(struct tls *tls, int64_t running)
{
    tls_tickets_rotate(tls->tickets, running);
}
