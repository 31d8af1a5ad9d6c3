/*
 * upload/places.h: the present configuration, and the open places of its upload
 * sections.
 *
 * Rules are a reference-counted snapshot: a request keeps the rules with which
 * it began.  A place lives as long as rules or an active session refer to it.
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

/* What the places of a service share, with a list of unused places.  Closing a
 * place waits for the store, so dropping the last reference, perhaps on a
 * thread of the store, only adds it to the list: the owner of the list closes
 * them. */
struct upload_places {
    struct store *store;
    upload_section *section;
    struct log_sink *log;
    uv_mutex_t mutex;
    struct upload_place *unused; /* guarded by mutex */
};

struct upload_place {
    unsigned refs; /* atomic */
    struct upload_places *places;
    struct upload_place *next; /* in the list of unused places */
    struct store_place *place; /* NULL: not open yet, hence away */
    /* BITS_CAUSE_OK, or the cause with which every packet is refused: an enum
     * bits_cause. */
    _Atomic int away;
    bool visited;      /* a visit is running; private to visits.c */
    bool reloaded;     /* reloaded since it was last available; private to
                          visits.c */
    uv_mutex_t mutex;  /* guards: */
    struct fault said; /* why it is away */
    char *prefix;
    char *root;
    char *temp_dir;
};

struct upload_rule {
    const struct config_upload *config;
    struct store_section *section; /* the same section, for the store */
    struct upload_place *place;
};

struct upload_rules {
    unsigned refs; /* atomic */
    struct config *config;
    size_t count;
    struct upload_rule rules[];
};

/* Returns 0 or a negative error of libuv. */
int upload_places_init(struct upload_places *places, struct store *store,
                       upload_section *section, struct log_sink *log);

/* Closes unused places without running work. */
void upload_places_close(struct upload_places *places);

/* Closes all unused places.  Blocks. */
void upload_places_done(struct upload_places *places);

/* Opens places that `old` (may be NULL) does not have open.  Returns NULL with
 * the place and the reason in the fault if a place cannot be opened, now or
 * later, or if memory ran out.  A place whose disk is absent is away, which is
 * logged. */
struct upload_rules *upload_rules_new(struct upload_places *places,
                                      struct config *config,
                                      struct upload_rules *old,
                                      struct fault *ret_fault);

/* A copy of the rules in which `place` replaces `old`.  Takes over the caller's
 * reference of `place`.  Returns NULL if `old` is not among them, or if memory
 * ran out. */
struct upload_rules *upload_rules_replace(const struct upload_rules *rules,
                                          const struct upload_place *old,
                                          struct upload_place *place);

/* Makes a place with these folders that is away and not open. */
struct upload_place *upload_place_new(struct upload_places *places,
                                      const struct config_upload *config);

enum bits_cause upload_place_state(const struct upload_place *place);

/* Logs that a place is open, and which of its bytes survive a kill. */
void upload_say_open(const struct upload_place *place);

/* Logs why a place is away, unless that was the last message about it.  For the
 * code that opens or visits the place only. */
void upload_say_away(struct upload_place *place, const struct fault *why);

/* Call when the place is open again: forgets the reason. */
void upload_forget_away(struct upload_place *place);

/* Why the place is away, otherwise its root. */
void upload_place_reason(struct upload_place *place, struct fault *ret_fault);

/* The cause with which packets are refused while opening or checking a place
 * fails with `cause`: one that clients take for temporary. */
enum bits_cause upload_away_cause(enum bits_cause cause);

struct upload_rules *upload_rules_ref(struct upload_rules *rules);
void upload_rules_unref(struct upload_rules *rules);

struct upload_place *upload_place_ref(struct upload_place *place);
void upload_place_unref(struct upload_place *place);

/* The rule with the longest prefix that covers the raw path, by whole segments;
 * *ret_rest is the raw path below it.  Returns NULL if no rule does. */
const struct upload_rule *upload_rules_match(const struct upload_rules *rules,
                                             struct bits_text path,
                                             struct bits_text *ret_rest);

/* Returns true if a section has this prefix. */
bool upload_rules_have(const struct upload_rules *rules, const char *prefix);

/* The place of a prefix, with a reference for the caller.  Returns NULL if no
 * section has it. */
struct upload_place *upload_rules_place(const struct upload_rules *rules,
                                        const char *prefix);

#endif
