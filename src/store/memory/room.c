/*
 * store/memory/room.c: see room.h.
 */
#include "store/memory/room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cause/cause.h"
#include "store/memory/holding.h"

/* How many of the longest idle sessions are considered. */
#define CANDIDATES 256

/* A session with bytes is evicted only if its owner has at least this many of
 * the candidates, or more than half of max_sessions where that is smaller. */
#define CROWD 16
#define CROWD_LEAST 2

struct candidate {
    struct memory_row *row;
    bool own;        /* belongs to the owner of the new session */
    size_t siblings; /* candidates of the same owner */
    size_t at;       /* rank; 0: idle longest */
};

struct room {
    struct memory_call *call; /* create() */
    struct memory_store *store;
    struct memory_prefix *prefix;
    bool emptied; /* a session without bytes made room: */
    struct bits_guid emptied_id;
    size_t count;
    struct candidate candidates[CANDIDATES];
};

static const char *owner_of(const struct store_session *session)
{
    const char *user = session->user ? session->user : "";
    const char *address = session->address ? session->address : "";

    return user[0] ? user : address;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *one = a;
    const struct candidate *other = b;

    if (one->own != other->own) {
        return one->own ? -1 : 1;
    }
    if (one->siblings != other->siblings) {
        return one->siblings > other->siblings ? -1 : 1;
    }
    return one->at < other->at ? -1 : 1;
}

static bool makes_room(const struct memory_row *row)
{
    return row->session.state == STORE_RECEIVING ||
           row->session.state == STORE_RETRY;
}

/* The longest idle sessions, with or without bytes, that may be evicted, best
 * candidate first. user NULL: of all users. */
static void collect(struct room *room, bool empty, const char *user)
{
    struct memory_row *row = room->store->memory->live.oldest;
    size_t looked_at = 0;

    room->count = 0;
    for (; row && looked_at < CANDIDATES; row = row->newer) {
        if (row->prefix != room->prefix || memory_row_is_empty(row) != empty ||
            (user && strcmp(row->session.user, user) != 0)) {
            continue;
        }
        looked_at++;
        if (makes_room(row)) {
            room->candidates[room->count] = (struct candidate){
                .row = row,
                .own = strcmp(owner_of(&row->session),
                              owner_of(room->call->session)) == 0,
                .at = room->count,
            };
            room->count++;
        }
    }
    for (size_t i = 0; i < room->count; i++) {
        for (size_t j = 0; j < room->count; j++) {
            room->candidates[i].siblings +=
                strcmp(owner_of(&room->candidates[i].row->session),
                       owner_of(&room->candidates[j].row->session)) == 0;
        }
    }
    qsort(room->candidates, room->count, sizeof(room->candidates[0]),
          compare_candidates);
}

static bool is_in_use(const struct room *room, const struct memory_row *row)
{
    if (room->call->keeper) {
        room->call->keeper->let_go(room->call->keeper, &row->session.id);
    }
    return row->held > 0;
}

static bool evict_empty(struct room *room, const char *user)
{
    collect(room, true, user);
    for (size_t i = 0; i < room->count; i++) {
        struct memory_row *row = room->candidates[i].row;

        if (!is_in_use(room, row)) {
            room->emptied = true;
            room->emptied_id = row->session.id;
            memory_row_remove(room->store->memory, row);
            return true;
        }
    }
    return false;
}

/* Its owner loses nothing: the marker answers a Close as the session would. */
static bool close_delivered(struct room *room)
{
    const struct store_ending closed = {.by = BITS_PACKET_CLOSE_SESSION,
                                        .outcome =
                                            cause_outcome(BITS_CAUSE_OK)};
    struct memory_row *row = room->store->memory->live.oldest;

    while (row &&
           (row->prefix != room->prefix || row->session.state != STORE_DONE)) {
        row = row->newer;
    }
    return row && memory_row_end(room->store, row, &closed);
}

/* Returns true if its owner has so many sessions that it locks others out. */
static bool is_of_crowd(const struct room *room,
                        const struct candidate *candidate)
{
    uint64_t least = room->prefix->section.max_sessions / 2 + 1;
    uint64_t all = room->prefix->sessions;

    all = all < CANDIDATES ? all : CANDIDATES;
    least = least < CROWD ? least : CROWD;
    least = least > CROWD_LEAST ? least : CROWD_LEAST;
    return candidate->siblings >= least && candidate->siblings > all / 2;
}

/* This loses acknowledged bytes, so it only affects a crowd. */
static bool evict_from_crowd(struct room *room)
{
    collect(room, false, NULL);
    for (size_t i = 0; i < room->count; i++) {
        struct memory_row *row = room->candidates[i].row;

        if (!room->candidates[i].own &&
            is_of_crowd(room, &room->candidates[i]) && !is_in_use(room, row)) {
            if (room->call->keeper) {
                room->call->keeper->evicted(room->call->keeper,
                                            &row->session.id, true);
            }
            memory_row_remove(room->store->memory, row);
            return true;
        }
    }
    return false;
}

static uint64_t count_of_user(const struct room *room)
{
    const char *user = room->call->session->user;
    uint64_t count = 0;

    if (!user[0]) {
        return room->prefix->sessions;
    }
    for (struct memory_row *row = room->store->memory->live.oldest; row;
         row = row->newer) {
        count +=
            row->prefix == room->prefix && strcmp(row->session.user, user) == 0;
    }
    return count;
}

static enum bits_cause refuse(struct room *room, const char *option,
                              uint64_t limit)
{
    return cause_fault(&room->call->op->fault, CAUSE_TOO_MANY_SESSIONS,
                       "%s = %" PRIu64 " is reached", option, limit);
}

static enum bits_cause make_room(struct room *room)
{
    const struct store_section *section = &room->prefix->section;
    const char *user = room->call->session->user;

    while (section->max_sessions_per_user != UINT64_MAX &&
           count_of_user(room) >= section->max_sessions_per_user) {
        if (!evict_empty(room, user[0] ? user : NULL)) {
            return refuse(room, "max_sessions_per_user",
                          section->max_sessions_per_user);
        }
    }
    while (room->prefix->sessions >= section->max_sessions) {
        if (!close_delivered(room) && !evict_empty(room, NULL) &&
            !evict_from_crowd(room)) {
            return refuse(room, "max_sessions", section->max_sessions);
        }
    }
    return BITS_CAUSE_OK;
}

enum bits_cause memory_make_room(struct memory_call *call)
{
    struct room *room = malloc(sizeof(*room));
    enum bits_cause cause;

    if (!room) {
        return memory_fail(call, CAUSE_OVERLOADED, "no memory");
    }
    room->call = call;
    room->store = call->store;
    room->prefix = call->place->prefix;
    room->emptied = false;
    cause = make_room(room);
    if (call->keeper && room->emptied) {
        call->keeper->evicted(call->keeper, &room->emptied_id, false);
    }
    free(room);
    return cause;
}
