/*
 * store/local/tail.h: the columns of a session that only the local store uses,
 * in the tail of struct store_session.
 */
#ifndef STORE_LOCAL_TAIL_H
#define STORE_LOCAL_TAIL_H

#include "store/store.h"

/* One process at a time has the store: sessions never change hands. */
#define LOCAL_FENCE 1

struct local_tail {
    uint64_t synced;        /* bytes that survive a power cut and an unmount */
    int64_t instance;       /* of the file system when bytes were last stored */
    int64_t epoch;          /* incremented whenever stored bytes were given
                               up */
    uint64_t staged_device; /* of the file with the bytes; also its inode: */
    uint64_t staged_inode;  /* 0: not known */

    /* Not stored. 1: this process has had the file open since the row was
     * loaded. */
    uint64_t held;
} __attribute__((may_alias));

_Static_assert(sizeof(struct local_tail) <= sizeof(struct store_tail),
               "the tail of a session is too short");

static inline struct local_tail *local_tail(struct store_session *session)
{
    return (struct local_tail *)(void *)&session->tail;
}

static inline const struct local_tail *
local_tail_const(const struct store_session *session)
{
    return (const struct local_tail *)(const void *)&session->tail;
}

#endif
