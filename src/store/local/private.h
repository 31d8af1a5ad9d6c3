/*
 * store/local/private.h: what the parts of the local store share.
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

/* "ab/{GUID without braces}", terminated. */
#define LOCAL_STAGED_NAME_SIZE 48

/* Files that tell a staging and a state folder. */
#define LOCAL_STAGING_LOCK "staging.lock"
#define LOCAL_INDEX_ID "index-id"
#define LOCAL_STATE_LOCK "index.lock"

/* "32 hex digits", terminated: which staging folder it is. */
#define LOCAL_STAGING_ID_SIZE 33

/* A file system; never freed before the store. */
struct local_volume {
    struct local_volume *next;
    dev_t device;
    _Atomic uint64_t promised; /* bytes that running fragments take next */
};

/* A staging folder; places with the same one share it. */
struct local_staging {
    struct local_staging *next;
    unsigned refs;
    char *path;
    int fd;
    int lock;
    dev_t device;
    ino_t inode;
    struct local_volume *volume;
    int64_t instance; /* of the file system; 0: it does not tell */
    char id[LOCAL_STAGING_ID_SIZE];
    bool probed;           /* guarded by store->mutex */
    bool trimmed;          /* trim.c is done or at work; same guard */
    _Atomic bool reserves; /* preallocation works here, as far as is known */
    _Atomic unsigned made; /* how many of its folders were made again */
    _Atomic unsigned made_durable;
    _Atomic bool tries_names; /* see trial.h */
};

struct store_place {
    struct store_place *next;
    struct local_store *store;
    char *prefix;
    char *root_path;  /* without symbolic links */
    char *root_given; /* as configured */
    int root;
    struct local_staging *staging;
    struct config_upload rules; /* numbers only; guarded by store->mutex */
    bool told_group; /* that files do not get their group; same guard */
    bool closing;    /* trim.c stops working for it; same guard */
    size_t busy;     /* calls and background work; same guard */
};

/* A folder that no upload may enter, as long as it is open: its device and
 * inode may belong to another one afterwards. */
struct local_forbidden {
    struct local_forbidden *next;
    unsigned refs;
    char *path; /* without symbolic links */
    dev_t device;
    ino_t inode;
};

/* The clock by which sessions age, in seconds; see age.c. */
struct local_age {
    int64_t offset;      /* wall clock less running clock */
    int64_t moved;       /* wall clock less this one */
    int64_t recorded_at; /* of this one; index thread */
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
    struct config_space state_min_free_space;
    unsigned state_unchecked; /* Creates before the next look; index thread */
    bool state_full;          /* the same */
    char state_detail[STORE_DETAIL_MAX];
    int state_lock;

    uv_mutex_t mutex; /* guards the lists and counters */
    uv_cond_t idle;   /* some counter became 0 */
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

/* --- open.c -------------------------------------------------------------- */

static inline struct local_store *local_of(struct store *store)
{
    return (struct local_store *)(void *)store;
}

/* Counts work that closing must wait for; place may be NULL. */
void local_enter(struct local_store *store, struct store_place *place);
void local_leave(struct local_store *store, struct store_place *place);

/* Waits until nobody is left.  The store's mutex is held. */
void local_wait_until_idle(struct local_store *store, const size_t *busy);

/* Reports how a call ended.  detail may be NULL. */
void local_complete(struct store_op *op, enum bits_cause cause,
                    const char *detail);

/* Tells whoever watches about a failure that no caller hears of. */
void local_trouble(struct local_store *store, enum bits_cause cause,
                   const char *detail);

/* Passes on what somebody should mend. */
void local_warn(struct local_store *store, const char *event,
                const char *words);

/* Seconds since 1970: names and what people read; see local_age_now(). */
int64_t local_now(const struct local_store *store);

/* --- place.c ------------------------------------------------------------- */

enum bits_cause local_place_open(struct store *store,
                                 const struct config_upload *config,
                                 struct store_place **ret_place,
                                 bool *ret_may_come,
                                 char detail[STORE_DETAIL_MAX]);

/* The same in the stead of `old`, of which nothing else is needed; NULL: any
 * folders will do. */
enum bits_cause local_place_reopen(struct local_store *store,
                                   const struct store_place *old,
                                   const struct config_upload *config,
                                   struct store_place **ret_place,
                                   char detail[STORE_DETAIL_MAX]);
void local_place_reconfigure(struct store_place *place,
                             const struct config_upload *config);
bool local_place_is_busy(struct store_place *place);
void local_place_close(struct store_place *place);

/* The numbers of the configuration that rules now. */
struct config_upload local_rules_of(struct store_place *place);

/* What a commit needs that must survive as much as the rules promise. */
enum database_need local_need(struct store_place *place);

/* The open place of a prefix with one more count of work, or NULL. */
struct store_place *local_place_enter(struct local_store *store,
                                      const char *prefix);

/* Do the paths still lead to the folders that were opened?  Else PLACE_AWAY.
 * May wait for a disk. */
enum bits_cause local_look(struct store_place *place,
                           char detail[STORE_DETAIL_MAX]);

/* --- visit.c ------------------------------------------------------------- */

void local_place_visit(struct store *store, struct store_place *place,
                       const struct config_upload *config, enum store_visit how,
                       struct store_place **ret_place, struct store_op *op);

/* --- staging.c ----------------------------------------------------------- */

struct local_claim;

/* Opens and locks, or shares, the staging folder of the claim. */
enum bits_cause local_staging_open(struct local_store *store,
                                   const struct local_claim *claim, int root,
                                   struct local_staging **ret_staging,
                                   char detail[STORE_DETAIL_MAX]);
void local_staging_close(struct local_store *store,
                         struct local_staging *staging);

/* Tries the file system, unless that was done.  What cannot be tried now is
 * tried at the next visit. */
enum bits_cause local_staging_probe(struct local_store *store,
                                    struct local_staging *staging,
                                    char detail[STORE_DETAIL_MAX]);

/* Where a session's data file is, below the staging folder. */
void local_staged_name(const struct bits_guid *id,
                       char name[LOCAL_STAGED_NAME_SIZE]);

/* Is the data file there by its name?  An open descriptor says nothing: it
 * follows the file to its destination.  0, or an errno value if that is not
 * known; *ret_staged is true then. */
int local_is_staged(struct store_place *place, const struct bits_guid *id,
                    bool *ret_staged);

/* Reads the id from a data file's name below its folder. */
bool local_parse_staged(const char *name, struct bits_guid *ret_id);

/* Opens a data file, or with O_DIRECTORY the folder that it is in, which is
 * made again if somebody has removed it.  -1 and errno. */
int local_open_staged(struct local_staging *staging, const struct bits_guid *id,
                      int flags);

/* After it: makes folders durable that were made again.  0 or an errno value.
 */
int local_sync_made(struct local_staging *staging);

/* Opens a staging folder that no place uses, if it has this id.  -1: it does
 * not. */
int local_open_left(const char *path, const char *staging_id);

/* --- trim.c -------------------------------------------------------------- */

/* Gives back what an earlier process reserved in the staging folder and did not
 * fill; on workers. */
void local_trim(struct store_place *place);

/* --- probe.c ------------------------------------------------------------- */

/* Can this file system do what the store relies on?  DISK_FULL,
 * QUOTA_EXCEEDED and READ_ONLY: it cannot be tried now. */
enum bits_cause local_probe(int staging, const char *path,
                            char detail[STORE_DETAIL_MAX]);

/* --- names.c ------------------------------------------------------------- */

bool local_forbid(struct local_store *store, const char *path, int fd);
void local_unforbid(struct local_store *store, int fd);

enum bits_cause local_check_name(struct store_place *place, const char *name,
                                 char detail[STORE_DETAIL_MAX]);

/* The last segment of a name. */
const char *local_leaf(const char *name);

/* --- foreign.c ----------------------------------------------------------- */

/* Is it a state or staging folder, of this server or of another one? */
bool local_is_foreign(int folder);

/* Would a file of this name make its folder look like one? */
bool local_is_reserved(const char *leaf);

/* --- folders.c ----------------------------------------------------------- */

/* Opens the folder that a file of this name was moved to, or -1. */
int local_open_old_folder(struct store_place *place,
                          const struct config_upload *rules, const char *name);

/* Opens the folder of a name for reading, and makes it if the rules say so.  A
 * file can be moved to it from the staging folder. */
enum bits_cause local_open_folder(struct store_place *place,
                                  const struct config_upload *rules,
                                  const char *name, int *ret_fd,
                                  char detail[STORE_DETAIL_MAX]);

/* --- datedname.c --------------------------------------------------------- */

/* The dated name of keep-both, try 0 to 2. */
void local_dated_name(const char *name, const struct bits_guid *id, int64_t now,
                      unsigned try, char *ret_name, size_t size);

/* --- age.c --------------------------------------------------------------- */

/* Reads the clock by which sessions age; blocks.  False: see detail. */
bool local_age_start(struct local_store *store, char detail[STORE_DETAIL_MAX]);

/* Records it a last time; blocks. */
void local_age_end(struct local_store *store);

/* Seconds.  It does not jump with the wall clock, and stands still while no
 * server runs.  Any thread. */
int64_t local_age_now(struct local_store *store);

/* Records it when that is due.  On the index's thread, in a transaction. */
void local_age_record(struct local_store *store, struct database *database);

/* Seconds of idleness after which a session's time is over. */
int64_t local_lifetime(const struct config_upload *rules, bool empty);

bool local_is_over(struct local_store *store, const struct config_upload *rules,
                   const struct store_session *session);

/* --- the calls ----------------------------------------------------------- */

void local_look_up(struct store_place *place, const char *name, bool *ret_found,
                   uint64_t *ret_size, struct store_op *op);
void local_create(struct store_place *place, struct store_session *session,
                  struct store_keeper *keeper, struct store_op *op);
void local_find(struct store *store, const struct bits_guid *id,
                struct store_session *ret_session, struct store_op *op);
void local_learn(struct store_place *place, const struct store_session *session,
                 struct store_op *op);
void local_touch(struct store_place *place, struct store_session *session);
void local_count(struct store *store, const char *prefix, uint64_t *ret_count,
                 struct store_op *op);
void local_list(struct store *store, struct store_listing *listing,
                struct store_op *op);
void local_expire_removed(struct store *store, struct store_listing *listing,
                          struct store_op *op);

enum bits_cause local_file_open(struct store_place *place,
                                struct store_session *session,
                                struct store_file **ret_file,
                                uint64_t *ret_stored,
                                char detail[STORE_DETAIL_MAX]);
enum bits_cause local_begin(struct store_file *file, uint64_t stored,
                            uint64_t length, char detail[STORE_DETAIL_MAX]);
enum bits_cause local_append(struct store_file *file, struct os_bytes bytes,
                             uint64_t *ret_stored,
                             char detail[STORE_DETAIL_MAX]);
void local_settle(struct store_file *file, enum store_settle how);
void local_give_back_stalled(struct store *store, struct store_op *op);
bool local_file_is_sound(const struct store_file *file);
bool local_is_saved(const struct store_place *place,
                    const struct store_file *file);
void local_save(struct store_file *file, struct store_op *op);
void local_file_close(struct store_file *file);

void local_finish(struct store_place *place, struct store_session *session,
                  struct store_file *file, struct store_op *op);
void local_end(struct store_place *place, struct store_session *session,
               const struct store_ending *ending, struct store_op *op);
void local_expired(struct store_place *place, struct store_session *ret,
                   size_t max, size_t *ret_count, struct store_op *op);
void local_sweep_folder(struct store_place *place, unsigned folder,
                        struct store_op *op);

/* Removes the data and the row of a session that was made ENDING.  Any thread;
 * returns at once. */
void local_remove_evicted(struct store_place *place,
                          const struct bits_guid *id);

/* Ends what was ENDING when the last process died. */
enum bits_cause local_recover(struct store_place *place,
                              char detail[STORE_DETAIL_MAX]);

/* Notes that the session is active, and that it has bytes.  Returns at
 * once. */
void local_note_activity(struct store_place *place,
                         struct store_session *session);

#endif
