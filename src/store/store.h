/*
 * store/store.h: the contract of a store, which keeps sessions and their bytes.
 *
 * One contract for rows and bytes, because their order is the hard part.  Every
 * store promises:
 *
 *   - Appended bytes survive the death of the process: at once, or after save()
 *     if is_saved() returns false.  After a power cut or an unmount `stored` is
 *     never more than what the file really contains.
 *   - When deliver() reports BITS_CAUSE_OK (durability final), the whole file,
 *     its folder entry and the state of the session are durable.  A session is
 *     never delivered twice.
 *   - A failed call has its cause in op->outcome and, if a path or a number
 *     helps, a text in op->fault; the session can continue afterwards.
 *
 * Now or later.  Each call with an op returns enum store_when.  A store may
 * answer any call in either way, and differently each time: the local store
 * answers calls that touch memory, the page cache and folder entries now, and
 * calls that wait for a disk or the index later.
 *
 * Until a call is answered the store borrows its arguments, except the bytes of
 * append().  No call blocks, except place_open() and those that close.
 *
 * Order.  The caller makes the next call for a session after the last one was
 * answered.  Exceptions: learn(), record(), touch(), save() and is_saved() are
 * allowed while another call for the session runs.  Calls for different
 * sessions may run at the same time, from any thread.
 *
 * A store changes the public part of *session only before a call returns;
 * deliver() may change it until it is answered.
 *
 * Members marked as optional are NULL if a store lacks the ability.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/session.h>

#include "cause/cause.h"
#include "os/pipe.h"

struct store;
struct store_file;
struct store_place;

enum store_when {
    STORE_NOW,   /* the op is filled in; done() is not called */
    STORE_LATER, /* done() is called once, on a thread of the store, not before
                    the call returns to its caller */
};

enum store_state {
    /* Collecting bytes, until deliver() or end(). */
    STORE_RECEIVING,
    /* All bytes are stored; the move to the destination runs or was
     * interrupted.  Only deliver() and recovery leave this state. */
    STORE_DELIVERING,
    /* All bytes are stored; the move failed. deliver() retries, end() gives up;
     * RECEIVING again if bytes were lost. */
    STORE_RETRY,
    /* Delivered, until end(). */
    STORE_DONE,
    /* Being released: the data file must be removed; then ENDED, or no row at
     * all if the session expired. */
    STORE_ENDING,
    /* Released; only ended_by, ended and target are kept.  Forgotten after a
     * day, or earlier if there are too many. */
    STORE_ENDED,
};

/* Compare states by name, never by order: a new state may be inserted
 * anywhere. */

/* Returns true unless the session is released or being released. */
static inline bool store_is_live(enum store_state state)
{
    return state != STORE_ENDING && state != STORE_ENDED;
}

/* Returns true if the session is live, and its file is not known to be
 * delivered. */
static inline bool store_is_undelivered(enum store_state state)
{
    return store_is_live(state) && state != STORE_DONE;
}

/* Identifies user, prefix and name: the start of their SHA-256. */
struct store_target {
    uint8_t bytes[16];
};

/* Returns false if memory ran out. */
bool store_target_digest(struct bits_text user, struct bits_text prefix,
                         struct bits_text name,
                         struct store_target *ret_target);

/* Private data of the store about a session, copied with the row. */
struct store_tail {
    uint64_t words[8];
};

/* A session's row.  The session owns the strings; in a session that the store
 * filled they are never NULL.  Release with store_session_done(). */
struct store_session {
    struct bits_guid id;
    enum store_state state;
    char *prefix; /* the upload section that it was created under */
    char *name;   /* decoded path below the prefix; see bits_target_name() */
    char *user;   /* empty: anonymous */
    char *destination;    /* the name below the root to deliver the file under,
                             in the form of name; empty: the same as name */
    uint64_t own_folders; /* so many of the first folders of the destination are
                             created even without create_folders */
    char *address;        /* create() only: the client's address without port */
    int64_t once_until; /* create() only; not 0: the user may deliver one file;
                           when this rule ends, in seconds since 1970 */

    bool fragment_seen;
    bool total_known;
    uint64_t total;     /* bytes */
    bool stored_any;    /* a byte was stored at some time */
    int64_t created_at; /* seconds since 1970, UTC */
    int64_t active_at;  /* on the store's own clock; at most 1/8 of the time-out
                           old */

    char *delivered_as; /* the delivered file's name below the root, or empty */

    bool has_outcome; /* see record() */
    struct bits_outcome outcome;

    enum bits_packet_type ended_by; /* ENDED */
    struct bits_outcome ended;      /* ENDED: the answer to that verb */
    struct store_target target;     /* ENDED: of user, prefix and name */

    uint64_t fence; /* see find() */
    struct store_tail tail;
};

void store_session_done(struct store_session *session);

/* The name below the root to deliver the session's file under. */
const char *store_destination(const struct store_session *session);

/* The caller sets done().  It must not block: its thread serves all calls. */
struct store_op {
    void (*done)(struct store_op *op);
    struct bits_outcome outcome;
    uint64_t stored;       /* bytes or sessions; depends on the call */
    struct fault fault;    /* for the log; unset if the cause is BITS_CAUSE_OK;
                              empty: no detail */
    struct store_op *next; /* the store's until it answers, then the caller's */
};

/* A part of a list of sessions. */
struct store_page {
    struct store_session *sessions; /* room for max; the caller owns the
                                       sessions in it */
    size_t max;
    size_t count; /* the result */
};

/* The position of list().  The caller zeroes it, and may set a prefix. */
struct store_cursor {
    const char *prefix; /* NULL: of all prefixes */
    struct bits_guid after;
};

/* How a session ends. */
struct store_ending {
    enum bits_packet_type by;    /* the verb that the marker stores */
    struct bits_outcome outcome; /* the answer that the marker stores */
    bool expiry; /* not requested by a client: end it only if it is still
                    expired, and leave no marker */
};

/* What to do if the destination file exists. */
enum store_exists {
    STORE_EXISTS_REFUSE,
    STORE_EXISTS_REPLACE,
    STORE_EXISTS_KEEP_BOTH, /* the new file gets a dated name */
};

enum store_durability {
    STORE_DURABLE_FINAL, /* a delivered file survives a power cut */
    STORE_DURABLE_NONE,  /* it survives the death of the process only */
};

/* Limits of what is taken in within a period; UINT64_MAX: no limit. */
struct store_quota {
    uint64_t max_files;
    uint64_t max_bytes;
};

/* The options of an upload section that every store needs. */
struct store_section {
    const char *prefix;
    uint64_t max_sessions;          /* UINT64_MAX: no limit */
    uint64_t max_sessions_per_user; /* UINT64_MAX: no limit */
    uint64_t quota_period;          /* seconds; 0: no quotas, and the next two
                                       do not count; see quota.h */
    struct store_quota quota;       /* of all users */
    struct store_quota quota_per_user;
    uint64_t session_timeout;       /* seconds */
    uint64_t empty_session_timeout; /* seconds; for sessions without stored
                                       bytes */
    enum store_exists on_exists;
    enum store_durability durability;
    const void *own; /* options of one kind of store: see its header */
};

/* What may replace a place whose paths no longer lead to its folders. */
enum store_visit_how {
    STORE_VISIT_LOOK,   /* nothing */
    STORE_VISIT_REOPEN, /* the same root, or the one with its staging folder */
    STORE_VISIT_ACCEPT, /* any folders, if no upload is unfinished */
};

struct store_visit {
    const struct store_section *section; /* of the place */
    enum store_visit_how how;
    struct store_place *found; /* the result */
};

/* Receives prefixes, before the call is answered, on any thread; must not
 * block. */
struct store_listing {
    void (*prefix)(struct store_listing *listing, const char *prefix,
                   uint64_t sessions);
    bool (*is_kept)(struct store_listing *listing, const char *prefix);
};

/* The owner of files that are kept open between requests.  Called before
 * create() is answered, on any thread; must not block. */
struct store_keeper {
    /* Closes the file of a session if no request uses it, by calling
     * file_close() from within this call. */
    void (*let_go)(struct store_keeper *keeper, const struct bits_guid *id);

    /* The session made room for another one (max_sessions).  If one create()
     * ends several sessions without bytes, only the last one is reported. */
    void (*evicted)(struct store_keeper *keeper, const struct bits_guid *id,
                    bool had_bytes);
};

struct store_ops {
    const char *name;

    /* --- places: one for each upload section --------------------------- */

    /* Opens root and staging folder, locks the latter, probes the file system,
     * and finishes what a crash interrupted.  On failure *ret_place is NULL,
     * and the fault has the remedy. *ret_may_come: the store had these folders
     * before, or the disk is full, so a later attempt may succeed.  PLACE_AWAY:
     * unfinished uploads of the prefix are in other folders than these.  The
     * place copies what it needs of the section.  Blocks: call at start and on
     * reload only. */
    enum bits_cause (*place_open)(struct store *store,
                                  const struct store_section *section,
                                  struct store_place **ret_place,
                                  bool *ret_may_come, struct fault *ret_fault);

    /* Optional.  Checks that the place's paths still lead to its folders.
     * BITS_CAUSE_OK: visit->found is the place, or a new one that replaces it;
     * the caller closes the old one.  Opens a new place only if visit->how
     * allows it and `place` (may be NULL) is not in use.  Otherwise
     * visit->found is NULL. */
    enum store_when (*place_visit)(struct store *store,
                                   struct store_place *place,
                                   struct store_visit *visit,
                                   struct store_op *op);

    /* Replaces the section; prefix and folders stay the same.  The place copies
     * it.  Calls may be running. */
    void (*place_reconfigure)(struct store_place *place,
                              const struct store_section *section);

    /* Returns true if place_close() would have to wait.  No call may start
     * meanwhile. */
    bool (*place_is_busy)(struct store_place *place);

    /* Waits for background work.  No session of the place may be in use. */
    void (*place_close)(struct store_place *place);

    /* --- Create-Session ------------------------------------------------ */

    /* Checks whether a file may be delivered under this name: steps 2 to 4 of
     * Create, that the name is in none of the server's own folders, and that a
     * file can be moved there.  own_folders is that of the session.  Changes
     * nothing. */
    enum store_when (*check_name)(struct store_place *place, const char *name,
                                  uint64_t own_folders, struct store_op *op);

    /* Optional.  Finds out whether a regular file has this name, and its size.
     * Follows the same path as check_name() and has its causes, except
     * FILE_EXISTS and those of create_folders.  BITS_CAUSE_OK: *ret_found is
     * set, and *ret_size if it is true.  Unfinished uploads are not found. */
    enum store_when (*look)(struct store_place *place, const char *name,
                            bool *ret_found, uint64_t *ret_size,
                            struct store_op *op);

    /* Inserts the row.  The caller sets id, prefix, name, user, destination,
     * own_folders, address and once_until; the store sets the times and the
     * fence; everything else starts empty.  With once_until a user who has
     * delivered a file gets INVITATION_USED, also after a restart; one who has
     * a live session with bytes, or with an open file, INVITATION_BUSY; a live
     * session of his without bytes is dropped.  At max_sessions another session
     * makes room: first the longest idle one without bytes, of the same user or
     * address, then of the owner with most of them; then one with bytes, of
     * another owner who has most of the longest idle sessions.  If none may,
     * TOO_MANY_SESSIONS.  A session whose file is open does not make room, even
     * after the keeper (may be NULL) was asked to let go of it.
     * max_sessions_per_user counts all sessions without a user together.
     * QUOTA_USED_UP, with retry_after: no further file or byte is allowed.
     * STATE_FULL: the index may not grow.  TARGET_TOO_LONG, TARGET_CHARACTER:
     * the file system refuses the name. */
    enum store_when (*create)(struct store_place *place,
                              struct store_session *session,
                              struct store_keeper *keeper, struct store_op *op);

    /* --- rows ------------------------------------------------------------ */

    /* Loads a row and takes the session for this process.  A store that several
     * processes share increments the session's fence: calls with a row of an
     * older fence change nothing and end with CAUSE_FENCED.  SESSION_UNKNOWN:
     * there is no row, or it has expired (checked here as in a sweep).
     * *ret_session is filled on BITS_CAUSE_OK only; the caller owns it then. */
    enum store_when (*find)(struct store *store, const struct bits_guid *id,
                            struct store_session *ret_session,
                            struct store_op *op);

    /* Commits fragment_seen, stored_any, and total if total_known, with their
     * values in *session at the time of the call.  Borrows nothing; deliver()
     * may follow before it is answered.  SESSION_UNKNOWN: the session was
     * dropped meanwhile.  In a section with quotas the first total reserves
     * room.  QUOTA_TOO_SMALL, or QUOTA_USED_UP with retry_after: no room, and
     * nothing is committed.  deliver() counts and does not judge, so
     * wait for the answer before it. */
    enum store_when (*learn)(struct store_place *place,
                             const struct store_session *session,
                             struct store_op *op);

    /* Commits an outcome of the session, for example that of an application.
     * From then on find() returns it, also after a restart.  Borrows nothing.
     * SESSION_UNKNOWN as for learn(). */
    enum store_when (*record)(struct store_place *place,
                              const struct store_session *session,
                              const struct bits_outcome *outcome,
                              struct store_op *op);

    /* A message of the session was processed: restarts its time-out.  Writes
     * the row only when that is due. */
    void (*touch)(struct store_place *place, struct store_session *session);

    /* --- bytes ----------------------------------------------------------- */

    /* Opens the data file if there is one. op->stored: how many of its bytes
     * count. *ret_file is set on BITS_CAUSE_OK only. */
    enum store_when (*file_open)(struct store_place *place,
                                 struct store_session *session,
                                 struct store_file **ret_file,
                                 struct store_op *op);

    /* Prepares to append `length` bytes at `stored` to a file whose final size
     * is session->total: creates the file if it is missing, cuts it at
     * `stored`, and checks that the rest of the file fits. */
    enum store_when (*begin)(struct store_file *file, uint64_t stored,
                             uint64_t length, struct store_op *op);

    /* Appends.  The bytes are consumed when it returns, now or later: their
     * buffer or pipe can be reused (if the disk fills up, the rest may stay in
     * the pipe).  LATER holds the sender back: wait for the answer before the
     * next bytes. op->stored is the stored total afterwards, also on failure.
     * With the first bytes, session->stored_any becomes true before the call
     * returns; to have that committed, call learn(). */
    enum store_when (*append)(struct store_file *file, struct os_bytes bytes,
                              struct store_op *op);

    /* The fragment ended or broke, and others may follow: releases the space
     * reserved for it, and makes its bytes durable in the background. */
    void (*settle)(struct store_file *file);

    /* The same when every byte is stored and deliver() follows: may begin to
     * make them durable. */
    void (*complete)(struct store_file *file);

    /* Optional.  Releases reserved space of running fragments that have not
     * grown since the last call; space for later bytes is reserved again.  Do
     * not call it again before it is answered. */
    enum store_when (*give_back_stalled)(struct store *store,
                                         struct store_op *op);

    /* Optional; NULL: always true.  Returns true if the file is unchanged since
     * append() and still writable.  Otherwise close it and open it again. */
    bool (*file_is_sound)(const struct store_file *file);

    /* Returns true if the appended bytes would survive kill -9.  Otherwise an
     * answer that announces them must wait for save(). file may be NULL:
     * returns whether it is always true in this place. */
    bool (*is_saved)(const struct store_place *place,
                     const struct store_file *file);

    /* Makes the bytes appended so far durable and commits that.  The file may
     * be closed, and the session may end, before it is answered.  IO_ERROR:
     * bytes were given up. */
    enum store_when (*save)(struct store_file *file, struct store_op *op);

    /* Accepts NULL.  Background work on the file may continue: the store makes
     * it durable before closing it. */
    void (*file_close)(struct store_file *file);

    /* --- the end ---------------------------------------------------------- */

    /* Delivers the file.  The umask of the process must be 0: folders are
     * created with folder_mode and not changed afterwards. `file` may be NULL:
     * then deliver() opens it itself.  A session without a data file and with
     * total 0 delivers an empty file.  BITS_CAUSE_OK: state is DONE,
     * delivered_as is set.  Otherwise state is RETRY; or RECEIVING, with
     * op->stored = the remaining bytes, if bytes were lost; or DELIVERING, with
     * delivered_as, if only the last fsync failed.  Also finishes what a crash
     * or a failure left in DELIVERING. */
    enum store_when (*deliver)(struct store_place *place,
                               struct store_session *session,
                               struct store_file *file, struct store_op *op);

    /* Releases the session: data file and row; leaves the marker.  Answered
     * when all of it is gone.  SESSION_UNKNOWN with ending->expiry: the session
     * was not expired, nothing changed. */
    enum store_when (*end)(struct store_place *place,
                           struct store_session *session,
                           const struct store_ending *ending,
                           struct store_op *op);

    /* --- housekeeping ----------------------------------------------------- */

    /* Lists expired sessions of the place, and forgets markers older than a
     * day.  It does not take the sessions for this process: end() does. */
    enum store_when (*expired)(struct store_place *place,
                               struct store_page *page, struct store_op *op);

    /* Optional.  Does one small step of removing data files that have no row
     * and are older than the session time-out; the store remembers the next
     * step. */
    enum store_when (*sweep)(struct store_place *place, struct store_op *op);

    /* Optional.  Lists the next live sessions after the cursor, and advances
     * it.  Fewer than page->max: the end is reached.  Does not take them for
     * this process. */
    enum store_when (*list)(struct store *store, struct store_cursor *cursor,
                            struct store_page *page, struct store_op *op);

    /* Counts the sessions of a prefix that have not ended. */
    enum store_when (*count)(struct store *store, const char *prefix,
                             uint64_t *ret_count, struct store_op *op);

    /* Calls each->prefix for every prefix that ever had a place here and still
     * has sessions. */
    enum store_when (*prefixes)(struct store *store,
                                struct store_listing *listing,
                                struct store_op *op);

    /* Forgets some expired sessions, and their data files, of prefixes for
     * which listing->is_kept() returns false. op->stored: how many. */
    enum store_when (*expire_removed)(struct store *store,
                                      struct store_listing *listing,
                                      struct store_op *op);

    /* Waits until every call is answered, then frees the store.  Close its
     * places first. */
    void (*close)(struct store *store);
};

/* The first member of every store. */
struct store {
    const struct store_ops *ops;
};

#endif
