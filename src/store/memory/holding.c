/*
 * store/memory/holding.c: see holding.h.
 */
#include "store/memory/holding.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cause/cause.h"

int64_t memory_age(const struct memory_store *store)
{
    const struct os_clock *clock = store->options.clock;

    return clock->running(clock->context) + store->memory->age;
}

/* --- the tree and the lists ---------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct bits_guid));
}

static void list_add(struct memory_rows *list, struct memory_row *row)
{
    row->newer = NULL;
    row->older = list->newest;
    if (list->newest) {
        list->newest->newer = row;
    } else {
        list->oldest = row;
    }
    list->newest = row;
    list->count++;
}

static void list_remove(struct memory_rows *list, struct memory_row *row)
{
    if (row->older) {
        row->older->newer = row->newer;
    } else {
        list->oldest = row->newer;
    }
    if (row->newer) {
        row->newer->older = row->older;
    } else {
        list->newest = row->older;
    }
    list->count--;
}

struct memory_row *memory_row_find(struct store_memory *memory,
                                   const struct bits_guid *id)
{
    struct memory_row *const *found = tfind(id, &memory->rows, compare_ids);

    return found ? *found : NULL;
}

enum bits_cause memory_row_claim(struct store_memory *memory,
                                 const struct store_session *session,
                                 struct memory_row **ret_row)
{
    struct memory_row *row = memory_row_find(memory, &session->id);

    *ret_row = row;
    if (!row || !store_is_live(row->session.state)) {
        return BITS_CAUSE_SESSION_UNKNOWN;
    }
    return session->fence < row->session.fence ? CAUSE_FENCED : BITS_CAUSE_OK;
}

/* --- a row's life -------------------------------------------------------- */

static char *copy_of(const char *text)
{
    return strdup(text ? text : "");
}

static bool copy_session(const struct store_session *session,
                         struct store_session *ret)
{
    *ret = *session;
    ret->prefix = copy_of(session->prefix);
    ret->name = copy_of(session->name);
    ret->user = copy_of(session->user);
    ret->destination = copy_of(session->destination);
    ret->address = copy_of(session->address);
    ret->delivered_as = copy_of(session->delivered_as);
    if (ret->prefix && ret->name && ret->user && ret->destination &&
        ret->address && ret->delivered_as) {
        return true;
    }
    store_session_done(ret);
    return false;
}

bool memory_row_copy(const struct memory_row *row, struct store_session *ret)
{
    return copy_session(&row->session, ret);
}

struct memory_row *memory_row_add(struct memory_store *store,
                                  struct memory_prefix *prefix,
                                  const struct store_session *session)
{
    struct memory_row *row = calloc(1, sizeof(*row));

    if (!row) {
        return NULL;
    }
    row->prefix = prefix;
    row->owner = store->number;
    row->counts = quota_applies(&prefix->section);
    if (!copy_session(session, &row->session) ||
        !tsearch(row, &store->memory->rows, compare_ids)) {
        store_session_done(&row->session);
        free(row);
        return NULL;
    }
    list_add(&store->memory->live, row);
    prefix->sessions++;
    return row;
}

void memory_row_learn(struct memory_row *row,
                      const struct store_session *session)
{
    row->session.fragment_seen |= session->fragment_seen;
    row->session.stored_any |= session->stored_any;
    if (session->total_known) {
        row->session.total_known = true;
        row->session.total = session->total;
    }
}

void memory_row_resize(struct store_memory *memory, struct memory_row *row,
                       uint64_t size)
{
    memory->unfinished -= row->bytes.size > 0;
    memory->unfinished += size > 0;
    memory->used -= row->bytes.size;
    memory->used += size;
    row->bytes.size = size;
}

static void leave_the_live(struct store_memory *memory, struct memory_row *row)
{
    memory_row_resize(memory, row, 0);
    free(row->bytes.data);
    row->bytes = (struct memory_bytes){.data = NULL};
    list_remove(&memory->live, row);
    row->prefix->sessions--;
}

void memory_row_remove(struct store_memory *memory, struct memory_row *row)
{
    if (row->session.state == STORE_ENDED) {
        list_remove(&memory->markers, row);
    } else {
        leave_the_live(memory, row);
    }
    (void)tdelete(row, &memory->rows, compare_ids);
    store_session_done(&row->session);
    free(row);
}

bool memory_row_end(struct memory_store *store, struct memory_row *row,
                    const struct store_ending *ending)
{
    struct store_memory *memory = store->memory;
    struct store_session marker = {
        .id = row->session.id,
        .state = STORE_ENDED,
        .ended_by = ending->by,
        .ended = ending->outcome,
    };

    if (!store_target_digest(text_of(row->session.user),
                             text_of(row->session.prefix),
                             text_of(row->session.name), &marker.target)) {
        return false;
    }
    leave_the_live(memory, row);
    store_session_done(&row->session);
    row->session = marker;
    row->ended_at = memory_age(store);
    list_add(&memory->markers, row);
    while (store->options.max_ended_sessions > 0 &&
           memory->markers.count > store->options.max_ended_sessions) {
        memory_row_remove(memory, memory->markers.oldest);
    }
    return true;
}

/* --- time ---------------------------------------------------------------- */

void memory_row_renew(struct memory_store *store, struct memory_row *row)
{
    row->session.active_at = memory_age(store);
    list_remove(&store->memory->live, row);
    list_add(&store->memory->live, row);
}

bool memory_row_is_empty(const struct memory_row *row)
{
    return row->session.state == STORE_RECEIVING && !row->session.stored_any;
}

uint64_t memory_row_timeout(const struct memory_row *row)
{
    const struct store_section *section = &row->prefix->section;

    return memory_row_is_empty(row) ? section->empty_session_timeout
                                    : section->session_timeout;
}

bool memory_row_is_over(const struct memory_store *store,
                        const struct memory_row *row)
{
    uint64_t limit;
    int64_t age = memory_age(store) - row->session.active_at;

    if (!store_is_live(row->session.state) || row->held > 0 || age < 0) {
        return false;
    }
    limit = memory_row_timeout(row);
    /* active_at may be up to an eighth of the time-out old. */
    return !__builtin_add_overflow(limit, limit / 8, &limit) &&
           (uint64_t)age >= limit;
}
