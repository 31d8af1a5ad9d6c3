/*
 * store/memory/quota_count.c: see quota_count.h.
 *
 * What sessions hold is counted anew each time.
 */
#include "store/memory/quota_count.h"

#include <stdlib.h>
#include <string.h>

static int64_t now(const struct memory_store *store)
{
    return store->options.clock->wall(store->options.clock->context);
}

/* user NULL: all users. */
static bool is_of(const char *owner, const char *user)
{
    return owner && user ? strcmp(owner, user) == 0 : owner == user;
}

static struct memory_usage **find(struct memory_prefix *prefix,
                                  const char *user)
{
    struct memory_usage **place = &prefix->usages;

    while (*place && !is_of((*place)->user, user)) {
        place = &(*place)->next;
    }
    return place;
}

static struct quota_usage usage_of(const struct memory_store *store,
                                   struct memory_prefix *prefix,
                                   const char *user)
{
    const struct memory_usage *known = *find(prefix, user);
    struct quota_usage usage = {0};

    if (known) {
        usage = known->delivered;
    }
    for (const struct memory_row *row = store->memory->live.oldest; row;
         row = row->newer) {
        if (row->prefix == prefix && row->counts && row->session.total_known &&
            store_is_undelivered(row->session.state) &&
            (!user || strcmp(row->session.user, user) == 0)) {
            usage.held_files++;
            usage.held_bytes += row->session.total;
        }
    }
    return usage;
}

static enum bits_cause judge(struct memory_call *call, enum quota_owner owner,
                             uint64_t bytes)
{
    struct memory_prefix *prefix = call->place->prefix;
    const struct quota_claim claim = {.section = &prefix->section,
                                      .owner = owner,
                                      .bytes = bytes,
                                      .now = now(call->store)};
    struct quota_usage usage;

    if (!quota_limits(claim.section, owner)) {
        return BITS_CAUSE_OK;
    }
    usage = usage_of(call->store, prefix,
                     owner == QUOTA_OF_USER ? call->session->user : NULL);
    return quota_judge(&claim, &usage, &call->op->fault);
}

enum bits_cause memory_quota_judge(struct memory_call *call, uint64_t bytes)
{
    enum bits_cause cause = judge(call, QUOTA_OF_USER, bytes);

    if (cause == BITS_CAUSE_OK) {
        cause = judge(call, QUOTA_OF_ALL, bytes);
    }
    if (cause == CAUSE_QUOTA_USED_UP) {
        call->retry_after =
            quota_retry_after(&call->place->prefix->section, now(call->store));
    }
    return cause;
}

static void deliver(struct memory_call *call, const char *user, uint64_t bytes)
{
    struct memory_prefix *prefix = call->place->prefix;
    struct memory_usage **place = find(prefix, user);

    if (!*place) {
        struct memory_usage *usage = calloc(1, sizeof(*usage));

        if (usage && user) {
            usage->user = strdup(user);
        }
        if (!usage || (user && !usage->user)) {
            free(usage);
            return;
        }
        *place = usage;
    }
    quota_deliver(&(*place)->delivered,
                  quota_until(&prefix->section, now(call->store)), bytes);
}

void memory_quota_deliver(struct memory_call *call,
                          const struct memory_row *row)
{
    if (quota_applies(&call->place->prefix->section)) {
        deliver(call, NULL, row->session.total);
        deliver(call, row->session.user, row->session.total);
    }
}

static void remove_usage(struct memory_usage **place)
{
    struct memory_usage *usage = *place;

    *place = usage->next;
    free(usage->user);
    free(usage);
}

void memory_quota_forget(struct memory_store *store,
                         struct memory_prefix *prefix)
{
    struct memory_usage **place = &prefix->usages;

    while (*place) {
        if ((*place)->delivered.until <= now(store)) {
            remove_usage(place);
        } else {
            place = &(*place)->next;
        }
    }
}

void memory_quota_done(struct memory_prefix *prefix)
{
    while (prefix->usages) {
        remove_usage(&prefix->usages);
    }
}
