/*
 * server/pacing.c: see pacing.h.
 *
 * The entry of a user outlives his transfer by the time that his bucket needs
 * to fill, else each new transfer would start with a full bucket.
 */
#include "server/pacing.h"

#include <stdlib.h>
#include <string.h>

#include "base/smaller.h"
#include "base/text.h"

/* A portion is what the lowest rate allows in a sixteenth of a second, within
 * these limits: a smaller one costs too many pauses, a larger one lets others
 * wait too long. */
#define PORTIONS_A_SECOND 16
#define PORTION_LEAST ((uint64_t)4 << 10)
#define PORTION_MOST ((uint64_t)64 << 10)

/* How many entries one call removes at most. */
#define REMOVED_AT_ONCE 2

struct pacing_user {
    struct pacing_user *next; /* in its hash bucket */
    struct pacing_user *before;
    struct pacing_user *behind; /* while it rests */
    struct bucket bucket;
    uint64_t transfers;
    size_t length;
    char name[];
};

int pacing_init(struct pacing *pacing)
{
    memset(pacing, 0, sizeof(*pacing));
    return uv_mutex_init(&pacing->mutex);
}

void pacing_done(struct pacing *pacing)
{
    for (size_t i = 0; i < PACING_BUCKETS; i++) {
        while (pacing->buckets[i]) {
            struct pacing_user *user = pacing->buckets[i];

            pacing->buckets[i] = user->next;
            free(user);
        }
    }
    uv_mutex_destroy(&pacing->mutex);
}

bool pacing_applies(const struct config_server *rates)
{
    return rates->max_rate != UINT64_MAX ||
           rates->max_rate_per_user != UINT64_MAX ||
           rates->max_rate_per_connection != UINT64_MAX;
}

/* --- users; call with the mutex held ------------------------------------- */

/* FNV-1a: to fill one bucket on purpose, a client must own many users. */
static struct pacing_user **find(struct pacing *pacing, struct bits_text name)
{
    uint32_t hash = 2166136261u;
    struct pacing_user **place;

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (uint8_t)name.ptr[i]) * 16777619u;
    }
    place = &pacing->buckets[hash % PACING_BUCKETS];
    while (*place &&
           !text_equal((struct bits_text){(*place)->name, (*place)->length},
                       name)) {
        place = &(*place)->next;
    }
    return place;
}

static void rest(struct pacing *pacing, struct pacing_user *user)
{
    user->before = pacing->rested;
    user->behind = NULL;
    if (pacing->rested) {
        pacing->rested->behind = user;
    } else {
        pacing->resting = user;
    }
    pacing->rested = user;
}

static void rest_no_more(struct pacing *pacing, struct pacing_user *user)
{
    if (user->before) {
        user->before->behind = user->behind;
    } else {
        pacing->resting = user->behind;
    }
    if (user->behind) {
        user->behind->before = user->before;
    } else {
        pacing->rested = user->before;
    }
}

static void remove_rested(struct pacing *pacing, uint64_t now)
{
    for (int i = 0; i < REMOVED_AT_ONCE; i++) {
        struct pacing_user *user = pacing->resting;

        if (!user || !bucket_is_full(&user->bucket, now)) {
            return;
        }
        rest_no_more(pacing, user);
        *find(pacing, (struct bits_text){user->name, user->length}) =
            user->next;
        pacing->users--;
        free(user);
    }
}

static struct pacing_user *
add(struct pacing *pacing, struct pacing_user **place, struct bits_text name)
{
    struct pacing_user *user = calloc(1, sizeof(*user) + name.len + 1);

    if (user) {
        if (name.len > 0) {
            memcpy(user->name, name.ptr, name.len);
        }
        user->length = name.len;
        user->next = *place;
        *place = user;
        pacing->users++;
    }
    return user;
}

/* If memory ran out, the user's rate is not limited: NULL. */
static struct pacing_user *enter(struct pacing *pacing, struct bits_text name,
                                 uint64_t now)
{
    struct pacing_user *user;
    struct pacing_user **place;

    remove_rested(pacing, now);
    place = find(pacing, name);
    user = *place;
    if (!user) {
        user = add(pacing, place, name);
    } else if (user->transfers == 0) {
        rest_no_more(pacing, user);
    }
    if (user) {
        user->transfers++;
    }
    return user;
}

/* --- portions ------------------------------------------------------------ */

static uint64_t portion_of(const struct config_server *rates, uint64_t bytes)
{
    uint64_t lowest =
        smaller(rates->max_rate, smaller(rates->max_rate_per_user,
                                         rates->max_rate_per_connection));
    uint64_t most = smaller(lowest / PORTIONS_A_SECOND, PORTION_MOST);

    return smaller(bytes, most > PORTION_LEAST ? most : PORTION_LEAST);
}

/* A bucket, and the option with its rate. */
struct limit {
    struct bucket *bucket;
    uint64_t rate;
    const char *rule;
};

static void take(const struct limit *limit, uint64_t bytes, uint64_t now,
                 struct pacing_wait *wait)
{
    uint64_t ns = limit->rate == UINT64_MAX
                      ? 0
                      : bucket_take(limit->bucket, limit->rate, bytes, now);

    if (ns > wait->ns) {
        *wait = (struct pacing_wait){.ns = ns, .rule = limit->rule};
    }
}

static void take_own(struct pacer *pacer, const struct pacing_wish *wish,
                     struct pacing_wait *wait)
{
    const struct limit own = {&pacer->own, wish->rates->max_rate_per_connection,
                              "max_rate_per_connection"};

    take(&own, pacer->portion, wish->now, wait);
}

static void take_of_user(struct pacing *pacing, struct pacer *pacer,
                         const struct pacing_wish *wish,
                         struct pacing_wait *wait)
{
    uint64_t rate = wish->rates->max_rate_per_user;

    if (rate == UINT64_MAX && !pacer->user) {
        return;
    }
    uv_mutex_lock(&pacing->mutex);
    if (!pacer->user) {
        pacer->user = enter(pacing, wish->user, wish->now);
    }
    if (pacer->user) {
        const struct limit user = {&pacer->user->bucket, rate,
                                   "max_rate_per_user"};

        take(&user, pacer->portion, wish->now, wait);
    }
    uv_mutex_unlock(&pacing->mutex);
}

static void take_of_all(struct pacing *pacing, struct pacer *pacer,
                        const struct pacing_wish *wish,
                        struct pacing_wait *wait)
{
    const struct limit all = {&pacing->all, wish->rates->max_rate, "max_rate"};

    if (all.rate != UINT64_MAX) {
        uv_mutex_lock(&pacing->mutex);
        take(&all, pacer->portion, wish->now, wait);
        uv_mutex_unlock(&pacing->mutex);
    }
    pacer->is_of_all = true;
}

struct pacing_wait pacing_reserve(struct pacing *pacing, struct pacer *pacer,
                                  const struct pacing_wish *wish)
{
    struct pacing_wait wait = {0, NULL};

    if (pacer->portion == 0) {
        pacer->portion = portion_of(wish->rates, wish->bytes);
        pacer->is_of_all = false;
        take_own(pacer, wish, &wait);
        take_of_user(pacing, pacer, wish, &wait);
    }
    if (wait.ns == 0 && !pacer->is_of_all) {
        take_of_all(pacing, pacer, wish, &wait);
    }
    return wait;
}

void pacing_spend(struct pacer *pacer, uint64_t bytes)
{
    pacer->portion -= smaller(pacer->portion, bytes);
}

void pacing_return(struct pacing *pacing, struct pacer *pacer)
{
    if (pacer->portion == 0) {
        return;
    }
    bucket_return(&pacer->own, pacer->portion);
    uv_mutex_lock(&pacing->mutex);
    if (pacer->user) {
        bucket_return(&pacer->user->bucket, pacer->portion);
    }
    if (pacer->is_of_all) {
        bucket_return(&pacing->all, pacer->portion);
    }
    uv_mutex_unlock(&pacing->mutex);
    pacer->portion = 0;
}

void pacing_end(struct pacing *pacing, struct pacer *pacer, uint64_t now)
{
    pacing_return(pacing, pacer);
    pacer->told = false;
    if (!pacer->user) {
        return;
    }
    uv_mutex_lock(&pacing->mutex);
    if (--pacer->user->transfers == 0) {
        rest(pacing, pacer->user);
    }
    remove_rested(pacing, now);
    uv_mutex_unlock(&pacing->mutex);
    pacer->user = NULL;
}
