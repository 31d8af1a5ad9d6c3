/*
 * store/local/data.h: the data file of one session while it is in use.
 *
 * All handles and background work of a session share one struct local_data, and
 * with it one descriptor.  The kernel reports a failed write-back once for each
 * open file, so the first to see the error must record it for all.
 */
#ifndef STORE_LOCAL_DATA_H
#define STORE_LOCAL_DATA_H

#include "store/local/private.h"
#include "store/local/tail.h"

/* A caller that waits until the row records the bytes of a session as
 * durable. */
struct data_saver {
    void (*done)(struct data_saver *saver, enum bits_cause cause,
                 const char *detail); /* on a thread of the store */
    int64_t epoch;
    uint64_t bytes;
    struct data_saver *next;
};

/* A caller that waits until the bytes of a session were given up. */
struct data_waiter {
    /* On any thread; must not block. */
    void (*done)(struct data_waiter *waiter);
    struct data_waiter *next;
};

struct local_data {
    struct local_data *next; /* in its bucket */
    struct bits_guid id;
    struct store_place *place; /* stays open as long as this struct exists */
    unsigned refs;             /* guarded by store->data_mutex */
    unsigned handles;          /* open store_files; guarded by data_mutex */

    uv_mutex_t sync_mutex;  /* held during fdatasync; locked before mutex */
    uv_mutex_t write_mutex; /* held during writes and cuts; locked before
                               mutex */
    uv_mutex_t mutex;       /* guards what follows */
    int fd;                 /* -1: no file yet; set under data_mutex */
    uint64_t device;        /* of the file; set before fd, like the inode */
    uint64_t inode;
    int64_t epoch;
    uint64_t stored;       /* bytes of this epoch that are in the file */
    uint64_t saved;        /* of these, bytes that the row is known to record */
    bool measured;         /* guarded by write_mutex */
    bool reserved;         /* it may be longer than its bytes; guarded by
                              write_mutex */
    bool grown;            /* since data_give_back(); guarded by write_mutex */
    uint64_t reserved_end; /* the end of preallocated space; guarded by
                              write_mutex */
    uint64_t promised;     /* bytes promised on the volume; guarded by
                              write_mutex */
    uint64_t looked_at;    /* `stored` at the last check; guarded by
                              write_mutex */
    struct local_data *stalled_next; /* private to stalled.c */
    bool read_only;    /* the file system is read-only: measuring only */
    bool foreign;      /* the file with its name is not the session's file */
    bool replaces;     /* replaces an open file that was removed from outside */
    bool abandoned;    /* no longer in the table; guarded by data_mutex */
    bool spoilt;       /* its bytes must not be used */
    bool giving_up;    /* and are being given up */
    bool settled;      /* bytes are durable and may be at their destination */
    bool entry_synced; /* its folder entry is durable */
    bool syncing;      /* a background sync is running */
    uint64_t want;     /* bytes that the next sync should cover */
    int64_t want_epoch;
    uint64_t covering; /* bytes that the running sync covers */
    int64_t covering_epoch;
    struct data_saver *savers;

    struct worker_job work;         /* used by the background sync */
    struct index_job row;           /* used by the background sync */
    struct folder_sync folder_sync; /* used by the background sync */
    struct worker_job give_up_work;
    struct index_job give_up_row;
    struct data_waiter *waiters;
    struct fault trouble; /* why the bytes were given up */
    bool lost;            /* the file with the bytes was removed from outside */
};

/* Returns the session's data, opened and measured if there is a file, with one
 * reference. data->stored is 0 if there are fewer bytes than the row records.
 * Returns 0 or an errno value; after an error *ret_data is NULL. */
int data_get(struct store_place *place, struct store_session *session,
             struct local_data **ret_data);

/* A caller that changes a data file that may not be open here holds this mutex:
 * data_get() waits for it. */
uv_mutex_t *data_opening(struct local_store *store, const struct bits_guid *id);

/* Returns true if the session's data is open. */
bool data_is_open(struct local_store *store, const struct bits_guid *id);

/* Creates the file.  Returns 0 or an errno value.  The caller holds
 * write_mutex. */
int data_create(struct local_data *data);

/* Returns true if another file has the name of the session's file. */
bool data_is_replaced(struct local_data *data);

/* Sets the identity of its file in the session, for the row. */
void data_name_file(struct local_data *data, struct store_session *session);

/* The bytes were given up: clears the identity, so that any file may be the
 * session's, as in its row. */
void data_forget_name(struct store_session *session);

void data_ref(struct local_data *data);
void data_put(struct local_data *data);

/* Removes the file with the name of the session's file, and removes the data
 * from the table: the next data_get() creates a new file, and holders of this
 * data can no longer change the row or the name.  Returns 0 or an errno
 * value. */
int data_drop_name(struct local_data *data);

/* Returns true if the data no longer belongs to the session: neither to its row
 * nor to the name of its file. */
bool data_is_abandoned(struct local_data *data);

/* Returns true if a handle of this epoch may still use the bytes. */
bool data_is_usable(struct local_data *data, int64_t epoch);

/* Counts a handle.  While there is one, the session neither expires nor makes
 * room for another. */
void data_hold(struct local_data *data);
void data_release(struct local_data *data);
bool data_is_held(struct local_store *store, const struct bits_guid *id);

/* Records how many bytes of the epoch are stored now. */
void data_note_stored(struct local_data *data, int64_t epoch, uint64_t stored);

/* Returns how many bytes are stored; *ret_epoch is their epoch. */
uint64_t data_stored(struct local_data *data, int64_t *ret_epoch);

/* Releases space that was reserved or promised for later bytes.  The caller
 * holds write_mutex. */
void data_give_back(struct local_data *data);

/* The data of a handle, and the epoch of its bytes; in files.c. */
struct local_data *local_file_data(struct store_file *file);
int64_t local_file_epoch(const struct store_file *file);

/* --- syncing.c ----------------------------------------------------------- */

/* Here, epoch is that of the caller's bytes.  Bytes of an earlier epoch have
 * been given up. */

/* Makes the first `bytes` bytes durable in the background, then records that in
 * the row. */
void data_sync_later(struct local_data *data, int64_t epoch, uint64_t bytes);

/* Returns true if the row records this many bytes as durable. */
bool data_is_saved(struct local_data *data, int64_t epoch, uint64_t bytes);

/* Like data_sync_later(), for saver->bytes, then calls done().  Returns false,
 * without calling done(), if the bytes have been given up. */
bool data_save(struct local_data *data, struct data_saver *saver);

/* Makes the bytes durable now.  Returns 0 or an errno value.  After a failure
 * the caller must give up the bytes, except after ESTALE: they have been given
 * up. */
int data_sync_now(struct local_data *data, int64_t epoch);

/* Opens the file's folder for fsync.  Returns -1 with errno on failure. */
int data_open_folder(const struct local_data *data);

/* Call before the file moves to its destination: from now on its bytes are not
 * given up, even if a late sync of them fails.  Returns false if they are being
 * given up. data_unsettle(): the file was not moved. */
bool data_settle(struct local_data *data, int64_t epoch);
void data_unsettle(struct local_data *data);

/* What remains of the bytes. */
enum data_keep {
    /* Nothing: the file was changed from outside. */
    DATA_KEEP_NOTHING,
    /* After a failed write-back: whole blocks that the row records as durable
     * and that were not written since. */
    DATA_KEEP_SAVED,
};

/* The other bytes cannot be trusted: removes them from the row, then cuts the
 * file.  Until then the session's handles report IO_ERROR. `why` is for the
 * log. waiter may be NULL. */
void data_give_up(struct local_data *data, enum data_keep keep,
                  const struct fault *why, struct data_waiter *waiter);

#endif
