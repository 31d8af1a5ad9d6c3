/*
 * store/memory/listing.c: the calls that go through many sessions.
 */
#include <search.h>
#include <string.h>

#include "store/memory/answering.h"
#include "store/memory/holding.h"
#include "store/memory/members.h"
#include "store/memory/quota_count.h"

#define DAY ((int64_t)24 * 3600)

/* --- pages --------------------------------------------------------------- */

static void page_add(struct memory_call *call, const struct memory_row *row)
{
    struct store_page *page = call->page;

    if (call->cause != BITS_CAUSE_OK || page->count == page->max) {
        return;
    }
    if (memory_row_copy(row, &page->sessions[page->count])) {
        page->count++;
    } else {
        call->cause = CAUSE_OVERLOADED;
    }
}

static enum bits_cause page_end(struct memory_call *call)
{
    struct store_page *page = call->page;

    if (call->cause == BITS_CAUSE_OK) {
        return BITS_CAUSE_OK;
    }
    while (page->count > 0) {
        store_session_done(&page->sessions[--page->count]);
    }
    return memory_fail(call, call->cause, "no memory");
}

static void forget_markers(struct memory_store *store)
{
    struct memory_rows *markers = &store->memory->markers;

    while (markers->oldest &&
           memory_age(store) - markers->oldest->ended_at >= DAY) {
        memory_row_remove(store->memory, markers->oldest);
    }
}

static enum bits_cause run_expired(struct memory_call *call)
{
    struct memory_row *row = call->store->memory->live.oldest;

    forget_markers(call->store);
    memory_quota_forget(call->store, call->place->prefix);
    call->page->count = 0;
    for (; row; row = row->newer) {
        if (row->prefix == call->place->prefix &&
            memory_row_is_over(call->store, row)) {
            page_add(call, row);
        }
    }
    return page_end(call);
}

enum store_when memory_expired(struct store_place *place,
                               struct store_page *page, struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "expired",
                                            .run = run_expired,
                                            .place = place,
                                            .op = op,
                                            .page = page});
}

/* In the order of the ids. */
static void visit(const void *node, VISIT order, void *context)
{
    const struct memory_row *row = *(struct memory_row *const *)node;
    struct memory_call *call = context;
    const struct store_cursor *cursor = call->cursor;

    if ((order == postorder || order == leaf) &&
        store_is_live(row->session.state) &&
        memcmp(&row->session.id, &cursor->after, sizeof(cursor->after)) > 0 &&
        (!cursor->prefix || strcmp(cursor->prefix, row->prefix->name) == 0)) {
        page_add(call, row);
    }
}

static enum bits_cause run_list(struct memory_call *call)
{
    struct store_page *page = call->page;

    page->count = 0;
    twalk_r(call->store->memory->rows, visit, call);
    if (page->count > 0) {
        call->cursor->after = page->sessions[page->count - 1].id;
    }
    return page_end(call);
}

enum store_when memory_list(struct store *store, struct store_cursor *cursor,
                            struct store_page *page, struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "list",
                                            .run = run_list,
                                            .store = memory_of(store),
                                            .op = op,
                                            .page = page,
                                            .cursor = cursor});
}

/* --- prefixes ------------------------------------------------------------ */

static enum bits_cause run_count(struct memory_call *call)
{
    const struct memory_prefix *prefix = call->store->memory->prefixes;

    while (prefix && strcmp(prefix->name, call->text) != 0) {
        prefix = prefix->next;
    }
    *call->ret_number = prefix ? prefix->sessions : 0;
    return BITS_CAUSE_OK;
}

enum store_when memory_count(struct store *store, const char *prefix,
                             uint64_t *ret_count, struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "count",
                                            .run = run_count,
                                            .store = memory_of(store),
                                            .op = op,
                                            .text = prefix,
                                            .ret_number = ret_count});
}

static enum bits_cause run_prefixes(struct memory_call *call)
{
    const struct memory_prefix *prefix = call->store->memory->prefixes;

    for (; prefix; prefix = prefix->next) {
        if (prefix->sessions > 0) {
            call->listing->prefix(call->listing, prefix->name,
                                  prefix->sessions);
        }
    }
    return BITS_CAUSE_OK;
}

enum store_when memory_prefixes(struct store *store,
                                struct store_listing *listing,
                                struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "prefixes",
                                            .run = run_prefixes,
                                            .store = memory_of(store),
                                            .op = op,
                                            .listing = listing});
}

static enum bits_cause run_expire_removed(struct memory_call *call)
{
    struct memory_row *row = call->store->memory->live.oldest;
    struct memory_row *newer;

    call->op->stored = 0;
    for (; row; row = newer) {
        newer = row->newer;
        if (memory_row_is_over(call->store, row) &&
            !call->listing->is_kept(call->listing, row->prefix->name)) {
            memory_row_remove(call->store->memory, row);
            call->op->stored++;
        }
    }
    return BITS_CAUSE_OK;
}

enum store_when memory_expire_removed(struct store *store,
                                      struct store_listing *listing,
                                      struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "expire_removed",
                                            .run = run_expire_removed,
                                            .store = memory_of(store),
                                            .op = op,
                                            .listing = listing});
}
