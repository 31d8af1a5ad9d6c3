/*
 * server/stream/tls.c: see tls.h.
 */
#include "server/stream/tls.h"

#include <stdlib.h>
#include <string.h>

#include "server/stream/tls_pair.h"
#include "server/stream/tls_set.h"
#include "server/stream/tls_stream.h"
#include "server/stream/tls_tickets.h"

struct tls *tls_new(void)
{
    struct tls *tls = calloc(1, sizeof(*tls));

    if (!tls || uv_mutex_init(&tls->mutex) < 0) {
        free(tls);
        return NULL;
    }
    tls->streams = (struct stream_kind){
        .scheme = "https", .context = tls, .open = tls_stream_open};
    tls->tickets = tls_tickets_new();
    if (!tls->tickets) {
        uv_mutex_destroy(&tls->mutex);
        free(tls);
        return NULL;
    }
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls) {
        tls_set_unref(tls->set);
        tls_tickets_unref(tls->tickets);
        uv_mutex_destroy(&tls->mutex);
        free(tls);
    }
}

/* --- configuration ------------------------------------------------------- */

static void tell(const struct tls_watcher *watcher,
                 const struct tls_files *files,
                 const struct tls_pair_fault *fault, const char *words)
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
                       const struct tls_pair_fault *fault)
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
        struct tls_pair_fault fault;
        struct tls_pair *pair = tls_pair_read(files, &fault);

        if (!pair) {
            *ret_sound = false;
            pair = find_pair(tls->set, files->certificate);
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

static void put_in_force(struct tls *tls, struct tls_set *set)
{
    struct tls_set *old;

    uv_mutex_lock(&tls->mutex);
    old = tls->set;
    tls->set = set;
    uv_mutex_unlock(&tls->mutex);
    tls_set_unref(old);
}

static bool make_set(struct tls *tls, const struct tls_settings *settings,
                     struct tls_pair *const *pairs, size_t count,
                     const struct tls_watcher *watcher)
{
    struct tls_pair_fault fault;
    struct tls_set *set =
        tls_set_new(settings, pairs, count, tls->tickets, &fault);

    if (!set) {
        tell(watcher, &settings->files[0], &fault, fault.fault.text);
        return false;
    }
    put_in_force(tls, set);
    return true;
}

bool tls_configure(struct tls *tls, const struct tls_settings *settings,
                   const struct tls_watcher *watcher)
{
    struct tls_pair **pairs = calloc(settings->count + 1, sizeof(pairs[0]));
    bool is_sound = false;
    size_t count = 0;

    if (pairs) {
        count = read_pairs(tls, settings, pairs, &is_sound, watcher);
    }
    if (count > 0) {
        is_sound &= make_set(tls, settings, pairs, count, watcher);
    }
    for (size_t i = 0; i < count; i++) {
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

void tls_check_dates(struct tls *tls, int64_t now,
                     const struct tls_watcher *watcher)
{
    struct fault fault;

    for (size_t i = 0; tls->set && i < tls->set->count; i++) {
        const struct tls_pair *pair = tls->set->entries[i].pair;

        if (!tls_pair_is_fresh(pair, now, &fault)) {
            warn(watcher, TLS_PART_CERTIFICATE, pair->path, fault.text);
        }
        if (!tls_pair_is_staple_fresh(pair, now, &fault)) {
            warn(watcher, TLS_PART_OCSP, pair->ocsp_path, fault.text);
        }
    }
}

void tls_rotate_tickets(struct tls *tls, int64_t running)
{
    tls_tickets_rotate(tls->tickets, running);
}
