/*
 * upload/places.h: the configuration in force, and the open places of its
 * upload sections.
 *
 * Rules are a counted snapshot: a request works under those that were in
 * force when it began.  Places live as long as some rules or some active
 * session name them.
 */
#ifndef UPLOAD_PLACES_H
#define UPLOAD_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "base/log.h"
#include "config/config.h"
#include "store/store.h"
#include "upload/upload.h"

/* What the places of a service share, and those that are no longer used.
 * Closing one waits for the store, so the one who drops the last reference,
 * maybe on a thread of the store, does not: the owner of the list closes them.
 */
struct upload_places {
    struct store *store;
    upload_section *section;
    struct log_sink *log;
    uv_mutex_t mutex;
    struct upload_place *unused; /* guarded by it */
};

struct upload_place {
    unsigned refs; /* atomic */
    struct upload_places *places;
    struct upload_place *next; /* in its list */
    struct store_place *place; /* NULL: was not there yet, hence away */
    /* BITS_CAUSE_OK, or what every packet is refused with: an enum bits_cause.
     */
    _Atomic int away;
    bool visited;      /* a visit runs; visits.c */
    bool reloaded;     /* since it was last there; the same */
    uv_mutex_t mutex;  /* guards: */
    struct fault said; /* why it is away */
    char *prefix;
    char *root;
    char *temp_dir;
};

struct upload_rule {
    const struct config_upload *config;
    struct store_section *section; /* the same, for the store */
    struct upload_place *place;
};

struct upload_rules {
    unsigned refs; /* atomic */
    struct config *config;
    size_t count;
    struct upload_rule rules[];
};

/* 0 or a negative error of libuv. */
int upload_places_init(struct upload_places *places, struct store *store,
                       upload_section *section, struct log_sink *log);

/* Closes unused places that have no work under way. */
void upload_places_close(struct upload_places *places);

/* Closes all unused places.  Blocks. */
void upload_places_done(struct upload_places *places);

/* Opens what `old` (may be NULL) does not have open.  NULL: a place cannot be
 * opened, and will not be later, or there is no memory; the fault says which
 * and why.  One whose disk is absent is away, which is logged. */
struct upload_rules *upload_rules_new(struct upload_places *places,
                                      struct config *config,
                                      struct upload_rules *old,
                                      struct fault *ret_fault);

/* A copy of the rules in which `place` replaces `old`.  Takes over the
 * caller's reference of `place`.  NULL: `old` is not among them, or there is
 * no memory. */
struct upload_rules *upload_rules_replace(const struct upload_rules *rules,
                                          const struct upload_place *old,
                                          struct upload_place *place);

/* A place with these folders, away, without an open one. */
struct upload_place *upload_place_new(struct upload_places *places,
                                      const struct config_upload *config);

enum bits_cause upload_place_state(const struct upload_place *place);

/* Says that a place is open, and which of its bytes count after a kill. */
void upload_say_open(const struct upload_place *place);

/* Says why a place is away, unless it was said just so before.  By its opening
 * or its visit only. */
void upload_say_away(struct upload_place *place, const struct fault *why);

/* The place is open again: it has no such reason any more. */
void upload_forget_away(struct upload_place *place);

/* Why the place is away, else its root. */
void upload_place_reason(struct upload_place *place, struct fault *ret_fault);

/* What packets are refused with while opening or looking fails with this
 * cause: something that clients take for temporary. */
enum bits_cause upload_away_cause(enum bits_cause cause);

struct upload_rules *upload_rules_ref(struct upload_rules *rules);
void upload_rules_unref(struct upload_rules *rules);

struct upload_place *upload_place_ref(struct upload_place *place);
void upload_place_unref(struct upload_place *place);

/* The rule with the longest prefix that covers the raw path, by whole
 * segments; *ret_rest is the raw path below it.  NULL: none. */
const struct upload_rule *upload_rules_match(const struct upload_rules *rules,
                                             struct bits_text path,
                                             struct bits_text *ret_rest);

/* Is there a section of this prefix? */
bool upload_rules_have(const struct upload_rules *rules, const char *prefix);

/* The place of a prefix, with a reference for the caller.  NULL: none. */
struct upload_place *upload_rules_place(const struct upload_rules *rules,
                                        const char *prefix);

#endif
