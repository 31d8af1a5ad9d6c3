/*
 * store/local/private.h: the state that the parts of the local store share.
 * Each part has a header of its own.
 *
 * Locks, in this order: a data's sync_mutex or write_mutex; opening;
 * data_mutex; a data's mutex; the store's mutex.  Never take write_mutex or
 * sync_mutex while holding opening or data_mutex.
 */
#ifndef STORE_LOCAL_PRIVATE_H
#define STORE_LOCAL_PRIVATE_H

#include <stdatomic.h>
#include <sys/types.h>

#include <uv.h>

#include <openbits/target.h>

#include "config/config.h"
#include "os/failure.h"
#include "os/workers.h"
#include "store/local/foldersync.h"
#include "store/local/index.h"
#include "store/local/local.h"

#define LOCAL_DATA_BUCKETS 1024
#define LOCAL_OPENINGS 64

/* Sub-folders of a staging folder, "00" to "ff". */
#define LOCAL_STAGING_FOLDERS 256

/* "ab/{GUID without braces}", terminated. */
#define LOCAL_STAGED_NAME_SIZE 48

/* "32 hex digits", terminated: the id of a staging folder. */
#define LOCAL_STAGING_ID_SIZE 33

/* A file system; freed with the store only. */
struct local_volume {
    struct local_volume *next;
    dev_t device;
    _Atomic uint64_t promised; /* bytes that running fragments will take next */
};

/* A staging folder; places with the same staging folder share it. */
struct local_staging {
    struct local_staging *next;
    unsigned refs;
    char *path;
    int fd;
    int lock;
    dev_t device;
    ino_t inode;
    struct local_volume *volume;
    int64_t instance; /* of the file system; 0: not known */
    char id[LOCAL_STAGING_ID_SIZE];
    bool probed;           /* guarded by store->mutex */
    bool trimmed;          /* trim.c is done or running; guarded by
                              store->mutex */
    _Atomic bool reserves; /* preallocation works here, until one fails */
    _Atomic unsigned made; /* how many of its folders were created again */
    _Atomic unsigned made_durable;
    _Atomic bool tries_names; /* see trial.h */
};

/* The configuration of a place; its texts are NULL. */
struct local_rules {
    struct store_section section;
    struct local_section own;
};

struct store_place {
    struct store_place *next;
    struct local_store *store;
    char *prefix;
    char *root_path;  /* without symbolic links */
    char *root_given; /* as configured */
    int root;
    struct local_staging *staging;
    struct local_rules rules; /* guarded by store->mutex */
    bool told_group;        /* warned that files do not get their group; guarded
                               by store->mutex */
    bool closing;           /* trim.c stops working on it; guarded by
                               store->mutex */
    size_t busy;            /* calls and background work; guarded by
                               store->mutex */
    _Atomic unsigned swept; /* sub-folders of the staging folder swept so far */
};

/* A folder that no upload may enter.  It is kept open, because otherwise its
 * device and inode could be reused. */
struct local_forbidden {
    struct local_forbidden *next;
    unsigned refs;
    char *path; /* without symbolic links */
    dev_t device;
    ino_t inode;
};

/* The clock by which sessions age, in seconds; see age.c. */
struct local_age {
    int64_t offset;      /* wall clock minus running clock */
    int64_t moved;       /* wall clock minus this clock */
    int64_t recorded_at; /* time of this clock; index thread */
};

struct local_data;

struct local_store {
    struct store base;
    struct index *index;
    struct workers *workers;
    struct folder_syncs *folder_syncs;
    const struct os_clock *clock;
    void (*trouble)(void *context, enum bits_cause cause, const char *detail);
    void (*warning)(void *context, const char *event, const char *words);
    void *context;
    char *state_path;
    int state;
    struct option_space state_min_free_space;
    unsigned state_unchecked; /* Creates until the next check; index thread */
    bool state_full;          /* of the last check; index thread */
    struct fault state_fault;
    int state_lock;

    uv_mutex_t mutex; /* guards the lists and counters */
    uv_cond_t idle;   /* a counter became 0 */
    size_t busy;      /* calls without a place */
    struct store_place *places;
    struct local_staging *stagings;
    struct local_volume *volumes;
    struct local_forbidden *forbidden;
    struct local_age age;

    /* By session id; see data_opening(). */
    uv_mutex_t opening[LOCAL_OPENINGS];
    uv_mutex_t data_mutex;
    struct local_data *data[LOCAL_DATA_BUCKETS]; /* guarded by data_mutex */
};

static inline struct local_store *local_of(struct store *store)
{
    return (struct local_store *)(void *)store;
}

#endif
