/*
 * store/memory/once.c: see once.h.
 */
#include "store/memory/once.h"

#include <stdlib.h>
#include <string.h>

#include "store/memory/holding.h"

static struct memory_used **find_used(struct store_memory *memory,
                                      const char *user)
{
    struct memory_used **link = &memory->used_once;

    while (*link && strcmp((*link)->user, user) != 0) {
        link = &(*link)->next;
    }
    return link;
}

/* A live session of the user; NULL: the user has no such session. */
static struct memory_row *find_live(const struct store_memory *memory,
                                    const char *user)
{
    struct memory_row *row = memory->live.oldest;

    while (row && (row->session.once_until == 0 ||
                   strcmp(row->session.user, user) != 0)) {
        row = row->newer;
    }
    return row;
}

static bool is_in_use(const struct memory_call *call,
                      const struct memory_row *row)
{
    if (call->keeper) {
        call->keeper->let_go(call->keeper, &row->session.id);
    }
    return row->held > 0;
}

enum bits_cause memory_admit_once(struct memory_call *call)
{
    struct store_memory *memory = call->store->memory;
    const char *user = call->session->user;
    struct memory_row *row;

    if (call->session->once_until == 0) {
        return BITS_CAUSE_OK;
    }
    if (*find_used(memory, user)) {
        return CAUSE_INVITATION_USED;
    }
    while ((row = find_live(memory, user))) {
        struct bits_guid id = row->session.id;

        if (!memory_row_is_empty(row) || is_in_use(call, row)) {
            return CAUSE_INVITATION_BUSY;
        }
        memory_row_remove(memory, row);
        if (call->keeper) {
            call->keeper->evicted(call->keeper, &id, false);
        }
    }
    return BITS_CAUSE_OK;
}

bool memory_use_once(struct memory_call *call, const struct memory_row *row)
{
    struct store_memory *memory = call->store->memory;
    const char *user = row->session.user;
    struct memory_used *used = malloc(sizeof(*used) + strlen(user) + 1);

    if (!used) {
        return false;
    }
    memcpy(used->user, user, strlen(user) + 1);
    used->next = memory->used_once;
    memory->used_once = used;
    return true;
}

void memory_unuse_once(struct memory_call *call, const struct memory_row *row)
{
    struct memory_used **link =
        find_used(call->store->memory, row->session.user);
    struct memory_used *used = *link;

    *link = used->next;
    free(used);
}
