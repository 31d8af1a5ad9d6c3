/*
 * store/local/place.c: the root and staging folder of an upload section.
 *
 * Places are opened at start, on reload, and by visits on workers; the store's
 * mutex guards the lists.
 */
#include "store/local/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/mount.h"
#include "store/local/calls.h"
#include "store/local/claim.h"
#include "store/local/foreign.h"
#include "store/local/retiring.h"
#include "store/local/staging.h"
#include "store/local/trim.h"
#include "store/local/work.h"

void local_place_reconfigure(struct store_place *place,
                             const struct store_section *section)
{
    const struct local_section *own = section->own;
    struct local_rules rules = {.section = *section, .own = *own};

    rules.section.prefix = NULL;
    rules.section.own = NULL;
    rules.own.root = NULL;
    rules.own.temp_dir = NULL;
    uv_mutex_lock(&place->store->mutex);
    place->rules = rules;
    place->told_group = false;
    uv_mutex_unlock(&place->store->mutex);
}

static enum bits_cause no_root(struct store_place *place,
                               const struct local_claim *claim,
                               struct fault *ret_fault)
{
    int error = errno;

    if (error == ENOENT) {
        return cause_fault(
            ret_fault, CAUSE_PLACE_AWAY,
            claim->known || claim->uploads > 0
                ? "the root folder %s of upload %s does not exist; "
                  "is its disk mounted?"
                : "the root folder %s does not exist; make it, or "
                  "correct root of upload %s",
            place->root_given, place->prefix);
    }
    return os_fail_with_remedy(ret_fault, error, "cannot open the root folder",
                               place->root_given, NULL);
}

static enum bits_cause open_root(struct store_place *place,
                                 const struct local_claim *claim,
                                 struct fault *ret_fault)
{
    place->root_path = realpath(place->root_given, NULL);
    if (place->root_path) {
        place->root =
            open(place->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (place->root < 0) {
        return no_root(place, claim, ret_fault);
    }
    if (local_is_foreign(place->root)) {
        return cause_fault(
            ret_fault, CAUSE_TARGET_RESERVED,
            "the root folder %s is the state or staging folder of "
            "a bitsd; set root of upload %s to another one",
            place->root_path, place->prefix);
    }
    return BITS_CAUSE_OK;
}

enum bits_cause local_look(struct store_place *place, struct fault *ret_fault)
{
    const char *path = place->root_given;
    int error = os_leads_to(path, place->root);

    if (!error) {
        path = place->staging->path;
        error = os_leads_to(path, place->staging->fd);
    }
    if (!error) {
        return BITS_CAUSE_OK;
    }
    if (error == ESTALE) {
        (void)fault_set(ret_fault,
                        "%s was replaced by another folder or mount; put the "
                        "old one back",
                        path);
    } else {
        (void)os_fail(ret_fault, error, "cannot find", path, NULL);
    }
    return CAUSE_PLACE_AWAY;
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
    free(place->root_given);
    free(place);
}

static struct store_place *place_new(struct local_store *store,
                                     const struct store_section *section)
{
    const struct local_section *own = section->own;
    struct store_place *place = calloc(1, sizeof(*place));

    if (!place) {
        return NULL;
    }
    place->store = store;
    place->root = -1;
    place->prefix = strdup(section->prefix);
    place->root_given = strdup(own->root);
    if (!place->prefix || !place->root_given) {
        place_free(place);
        return NULL;
    }
    local_place_reconfigure(place, section);
    return place;
}

/* A device may have another number after a mount: then the staging folder shows
 * whether it is the same root. */
static bool is_same_root(const struct store_place *old,
                         const struct store_place *place)
{
    struct stat before;
    struct stat now;

    return !old ||
           (fstat(old->root, &before) == 0 && fstat(place->root, &now) == 0 &&
            before.st_dev == now.st_dev && before.st_ino == now.st_ino);
}

static enum bits_cause open_place(struct store_place *place,
                                  const struct store_place *old,
                                  struct local_claim *claim,
                                  struct fault *ret_fault)
{
    struct local_store *store = place->store;
    enum bits_cause cause = open_root(place, claim, ret_fault);

    if (cause == BITS_CAUSE_OK) {
        claim->other_root = !is_same_root(old, place);
        cause = local_staging_open(store, claim, place->root, &place->staging,
                                   ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = claim_write(store, claim, place->staging->id, ret_fault);
    }
    return cause == BITS_CAUSE_OK ? local_recover(place, ret_fault) : cause;
}

/* Opens the place of claim->section; fills the claim with what the index
 * knew. */
static enum bits_cause open_as(struct local_store *store,
                               const struct store_place *old,
                               struct local_claim *claim,
                               struct store_place **ret_place,
                               struct fault *ret_fault)
{
    struct store_place *place = place_new(store, claim->section);
    enum bits_cause cause;

    *ret_place = NULL;
    if (!place) {
        return cause_fault(ret_fault, CAUSE_OVERLOADED, "no memory");
    }
    cause = claim_read(store, claim->section, claim, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        cause = open_place(place, old, claim, ret_fault);
    }
    if (cause != BITS_CAUSE_OK) {
        place_free(place);
        return cause;
    }
    uv_mutex_lock(&store->mutex);
    place->next = store->places;
    store->places = place;
    uv_mutex_unlock(&store->mutex);
    local_trim(place);
    *ret_place = place;
    return BITS_CAUSE_OK;
}

enum bits_cause local_place_open(struct store *base,
                                 const struct store_section *section,
                                 struct store_place **ret_place,
                                 bool *ret_may_come, struct fault *ret_fault)
{
    struct local_claim claim = {.section = section};
    enum bits_cause cause =
        open_as(local_of(base), NULL, &claim, ret_place, ret_fault);

    *ret_may_come =
        cause != BITS_CAUSE_OK && cause != CAUSE_OVERLOADED &&
        (claim.known || claim.uploads > 0 || cause == BITS_CAUSE_DISK_FULL ||
         cause == CAUSE_QUOTA_EXCEEDED);
    return cause;
}

enum bits_cause local_place_reopen(struct local_store *store,
                                   const struct store_place *old,
                                   const struct store_section *section,
                                   struct store_place **ret_place,
                                   struct fault *ret_fault)
{
    struct local_claim claim = {.section = section};

    return open_as(store, old, &claim, ret_place, ret_fault);
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
    place->closing = true;
    local_wait_until_idle(store, &place->busy);
    uv_mutex_unlock(&store->mutex);
    place_free(place);
}
