/*
 * store/memory/inside.h: the state that the files of the memory store share.
 * Each part has a header of its own.
 *
 * One mutex per memory guards everything below.  It is recursive: a keeper that
 * lets go of a session calls file_close() while create() runs.
 */
#ifndef STORE_MEMORY_INSIDE_H
#define STORE_MEMORY_INSIDE_H

#include <uv.h>

#include "store/memory/memory.h"
#include "store/quota.h"

struct memory_call;

/* An upload section that ever had a place; lives as long as the memory. */
struct memory_prefix {
    struct memory_prefix *next;
    char *name;
    struct store_section section;
    uint64_t sessions; /* sessions that have not ended */
    struct memory_usage *usages;
};

/* What an owner has delivered. */
struct memory_usage {
    struct memory_usage *next;
    char *user; /* NULL: all users */
    struct quota_usage delivered;
};

struct memory_bytes {
    char *data;
    uint64_t size;
    uint64_t room;
};

/* A session or, in state ENDED, its marker. */
struct memory_row {
    struct store_session session; /* begins with the id, the key of the tree */
    struct memory_prefix *prefix;
    struct memory_row *older; /* in its list */
    struct memory_row *newer;
    unsigned owner; /* the number of the store that last took it */
    unsigned held;  /* open files */
    struct memory_bytes bytes;
    uint64_t saved; /* bytes that other stores find */
    int64_t ended_at;
    bool counts; /* for quotas */
};

/* A user who may deliver one file only, and has. */
struct memory_used {
    struct memory_used *next;
    char user[];
};

struct memory_rows {
    struct memory_row *oldest;
    struct memory_row *newest;
    uint64_t count;
};

struct store_memory {
    uv_mutex_t mutex;
    unsigned stores;   /* number of stores ever opened */
    int64_t age;       /* the stores' own clock minus the running clock */
    uint64_t used;     /* bytes of all files */
    size_t unfinished; /* rows with bytes */
    size_t delivered;  /* files */
    struct memory_prefix *prefixes;
    struct memory_used *used_once; /* kept as long as the memory */
    void *rows;                    /* tsearch(): struct memory_row by id */
    void *files; /* tsearch(): struct memory_file by prefix and name */
    struct memory_rows live;    /* by active_at */
    struct memory_rows markers; /* by ended_at */
};

struct memory_store {
    struct store base;
    struct store_memory_options options;
    struct store_memory *memory;
    unsigned number; /* among the stores of this memory, from 1 */
    struct memory_call *first_call; /* the first call that waits for its
                                       answer */
    struct memory_call *last_call;
    size_t busy;         /* calls whose done() has not returned */
    uint64_t unanswered; /* bytes appended since the last answer */
    uv_cond_t idle;      /* a `busy` counter decreased */
};

struct store_place {
    struct memory_store *store;
    struct memory_prefix *prefix;
    size_t busy; /* calls whose done() has not returned */
};

static inline struct memory_store *memory_of(struct store *store)
{
    return (struct memory_store *)(void *)store;
}

#endif
