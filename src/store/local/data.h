/*
 * store/local/data.h: the data file of one session while anybody works on it.
 *
 * All handles and background work of a session share one struct local_data,
 * and with it one descriptor: the kernel tells of a failed write-back once
 * for each open file, so whoever hears of it must mark it for all.
 */
#ifndef STORE_LOCAL_DATA_H
#define STORE_LOCAL_DATA_H

#include "store/local/private.h"
#include "store/local/tail.h"

/* Someone who waits until the row vouches for the bytes of a session. */
struct data_saver {
    void (*done)(struct data_saver *saver, enum bits_cause cause,
                 const char *detail); /* on a thread of the store */
    int64_t epoch;
    uint64_t bytes;
    struct data_saver *next;
};

/* Someone who waits until the bytes of a session were given up. */
struct data_waiter {
    /* On any thread; must not block. */
    void (*done)(struct data_waiter *waiter);
    struct data_waiter *next;
};

struct local_data {
    struct local_data *next; /* in its bucket */
    struct bits_guid id;
    struct store_place *place; /* which stays open as long as this is */
    unsigned refs;             /* guarded by store->data_mutex */
    unsigned handles;          /* open store_files; the same guard */

    uv_mutex_t sync_mutex;  /* held during fdatasync; before mutex */
    uv_mutex_t write_mutex; /* held during writes and cuts; before mutex */
    uv_mutex_t mutex;       /* guards what follows */
    int fd;                 /* -1: no file yet; set under data_mutex */
    uint64_t device;        /* of the file, with its inode; set before fd */
    uint64_t inode;
    int64_t epoch;
    uint64_t stored;       /* bytes of this epoch that are in the file */
    uint64_t saved;        /* of them, what the row is known to vouch for */
    bool measured;         /* guarded by write_mutex */
    bool reserved;         /* it may hold more than its bytes; the same guard */
    bool grown;            /* since data_give_back(); the same guard */
    uint64_t reserved_end; /* how far the disk is preallocated; the same */
    uint64_t promised;     /* bytes on the volume's account; the same */
    uint64_t looked_at;    /* what was stored at the last look; the same */
    struct local_data *stalled_next; /* of stalled.c */
    bool read_only;    /* as its file system is: it can be measured only */
    bool foreign;      /* what has its name is not the session's file */
    bool replaces;     /* one that was open, and that somebody removed */
    bool abandoned;    /* another one may be open; guarded by data_mutex */
    bool spoilt;       /* its bytes may not be used */
    bool giving_up;    /* and are being given up */
    bool settled;      /* they are durable and may be at their destination */
    bool entry_synced; /* its folder entry is durable */
    bool syncing;      /* a background sync is under way */
    uint64_t want;     /* bytes that the next one should cover */
    int64_t want_epoch;
    uint64_t covering; /* bytes that the running one covers */
    int64_t covering_epoch;
    struct data_saver *savers;

    struct worker_job work;         /* of the background sync */
    struct index_job row;           /* the same */
    struct folder_sync folder_sync; /* the same */
    struct worker_job give_up_work;
    struct index_job give_up_row;
    struct data_waiter *waiters;
    struct fault trouble; /* why the bytes are given up */
    bool lost;            /* somebody removed the file that had them */
};

/* The session's data, opened and measured if there is a file; one reference.
 * data->stored is 0 if fewer bytes were found than the row vouches for.
 * 0 or an errno value; after an error *ret_data is NULL. */
int data_get(struct store_place *place, struct store_session *session,
             struct local_data **ret_data);

/* The caller holds this mutex while it changes a data file that may not be open
 * here: data_get() waits until it is released. */
uv_mutex_t *data_opening(struct local_store *store, const struct bits_guid *id);

/* Is the session's data open? */
bool data_is_open(struct local_store *store, const struct bits_guid *id);

/* Makes the file.  0 or an errno value.  The caller holds write_mutex. */
int data_create(struct local_data *data);

/* Does another file have the name of the session's file? */
bool data_is_replaced(struct local_data *data);

/* The session's row is to say which file it is. */
void data_name_file(struct local_data *data, struct store_session *session);

/* The bytes were given up: as in its row, any file may be the session's. */
void data_forget_name(struct store_session *session);

void data_ref(struct local_data *data);
void data_put(struct local_data *data);

/* Removes what has the name of the session's file, and takes the data out of
 * the table: the next data_get() makes a new file, and the holders of this one
 * can no longer touch the row or the name.  0 or an errno value. */
int data_drop_name(struct local_data *data);

/* Does it no longer stand for the session: neither its row nor what has the
 * name of its file? */
bool data_is_abandoned(struct local_data *data);

/* May a handle of this epoch still use the bytes? */
bool data_is_usable(struct local_data *data, int64_t epoch);

/* Counts a handle; while there is one the session neither expires nor makes
 * room for another. */
void data_hold(struct local_data *data);
void data_release(struct local_data *data);
bool data_is_held(struct local_store *store, const struct bits_guid *id);

/* So many bytes of the epoch are stored now. */
void data_note_stored(struct local_data *data, int64_t epoch, uint64_t stored);

/* How many bytes are stored; *ret_epoch: of which epoch. */
uint64_t data_stored(struct local_data *data, int64_t *ret_epoch);

/* Gives back what was reserved and promised for bytes to come.  The caller
 * holds write_mutex. */
void data_give_back(struct local_data *data);

/* What a handle works on, and the epoch of its bytes; files.c. */
struct local_data *local_file_data(struct store_file *file);
int64_t local_file_epoch(const struct store_file *file);

/* --- syncing.c ----------------------------------------------------------- */

/* In these, epoch is that of the bytes which the caller means: those of an
 * earlier one have been given up. */

/* Makes the first `bytes` bytes durable some time, then says so in the row. */
void data_sync_later(struct local_data *data, int64_t epoch, uint64_t bytes);

/* Does the row vouch for so many bytes? */
bool data_is_saved(struct local_data *data, int64_t epoch, uint64_t bytes);

/* The same as data_sync_later(), for saver->bytes; returns false if the bytes
 * have been given up: then done() is not called. */
bool data_save(struct local_data *data, struct data_saver *saver);

/* Makes them durable now.  0 or an errno value; after a failure the bytes
 * must be given up, but for ESTALE: they have been. */
int data_sync_now(struct local_data *data, int64_t epoch);

/* Opens the folder that holds the file, for fsync; -1 and errno. */
int data_open_folder(const struct local_data *data);

/* Before the file moves to its destination: from now on its bytes are not
 * given up, whatever a late sync of them reports.  False: they are being given
 * up.  data_unsettle(): it did not move. */
bool data_settle(struct local_data *data, int64_t epoch);
void data_unsettle(struct local_data *data);

/* What is left of the bytes. */
enum data_keep {
    /* Nothing: the file is not what it was. */
    DATA_KEEP_NOTHING,
    /* After a failed write-back: whole blocks that the row vouches for, which
     * nobody has written to since. */
    DATA_KEEP_SAVED,
};

/* The other bytes cannot be trusted: the row forgets them, then the file is
 * cut.  Until then the session's handles report IO_ERROR.  `why` is for the
 * log.  waiter may be NULL. */
void data_give_up(struct local_data *data, enum data_keep keep,
                  const struct fault *why, struct data_waiter *waiter);

#endif
