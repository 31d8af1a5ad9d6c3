/*
 * store/store.h: where sessions and their bytes are kept; the contract.
 *
 * One contract for rows and bytes, because the order between them is the
 * hard part.  What every store promises:
 *
 *   - What was appended survives the death of the process at once, or once
 *     save() is done where is_saved() says false.  After a power cut or an
 *     unmount `stored` is never more than what is really there.
 *   - deliver() has delivered the whole file, its folder entry and the fact
 *     when it reports BITS_CAUSE_OK (durability final), and a session is never
 *     delivered twice.
 *   - A call that failed says why in op->outcome and, where a path or a number
 *     helps, in op->fault; the session can continue afterwards.
 *
 * Now or later.  Each call with an op returns enum store_when.  A store may
 * answer any of them in either way, and one call in a different way each time:
 * the local store answers those that touch memory, the page cache and folder
 * entries now, and later where it waits for a disk or the index.
 *
 * Until a call is answered the store borrows everything passed, except the
 * bytes of append().  No call blocks, except place_open() and those that close.
 *
 * Order.  The caller makes the next call for a session once the last one was
 * answered.  Exceptions: learn(), record(), touch(), save() and is_saved() may
 * be called while another call for the session runs.  Calls for different
 * sessions may run at the same time, from any thread.
 *
 * A store writes the public part of *session before a call returns;
 * deliver() until it is answered.
 *
 * Members that are marked as optional are NULL where a store has not the
 * ability.
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
    STORE_NOW,   /* the op is filled; done() is not called */
    STORE_LATER, /* done() is called once, on a thread of the store, never on
                    the caller's stack */
};

enum store_state {
    /* Collecting bytes; until deliver() or end(). */
    STORE_RECEIVING,
    /* All bytes here; the move to the destination is under way or was cut
     * off.  Only deliver() and recovery leave it. */
    STORE_DELIVERING,
    /* All bytes here; the move failed.  deliver() tries again, end() gives up;
     * RECEIVING again if bytes were lost. */
    STORE_RETRY,
    /* Delivered; until end(). */
    STORE_DONE,
    /* Being released: the data file is to be removed; then ENDED, or no row
     * at all if its time was over. */
    STORE_ENDING,
    /* Released; only ended_by, ended and target still count.  Forgotten
     * after a day, or when there are too many. */
    STORE_ENDED,
};

/* States are asked for by name, never compared by order: a new one may come
 * in anywhere. */

/* Neither released nor being released. */
static inline bool store_is_live(enum store_state state)
{
    return state != STORE_ENDING && state != STORE_ENDED;
}

/* Live, and its file is not known to be delivered. */
static inline bool store_is_undelivered(enum store_state state)
{
    return store_is_live(state) && state != STORE_DONE;
}

/* Stands for a user, a prefix and a name: the start of their SHA-256. */
struct store_target {
    uint8_t bytes[16];
};

/* False: no memory. */
bool store_target_digest(struct bits_text user, struct bits_text prefix,
                         struct bits_text name,
                         struct store_target *ret_target);

/* What the store alone knows of a session.  It is copied with the row. */
struct store_tail {
    uint64_t words[8];
};

/* A session's row.  Strings are owned by the session and never NULL in one
 * that the store filled; release with store_session_done(). */
struct store_session {
    struct bits_guid id;
    enum store_state state;
    char *prefix;  /* the upload section that it was created under */
    char *name;    /* decoded path below the prefix; see bits_target_name() */
    char *user;    /* empty: anonymous */
    char *address; /* create() only: of the client, without its port */

    bool fragment_seen;
    bool total_known;
    uint64_t total;     /* bytes */
    bool stored_any;    /* some byte was stored once */
    int64_t created_at; /* seconds since 1970, UTC */
    int64_t active_at;  /* the store's own clock; at most 1/8 of the time-out
                           behind */

    char *delivered_as; /* the delivered name below the root, else empty */

    bool has_outcome; /* see record() */
    struct bits_outcome outcome;

    enum bits_packet_type ended_by; /* ENDED */
    struct bits_outcome ended;      /* ENDED: its answer */
    struct store_target target;     /* ENDED: of user, prefix and name */

    uint64_t fence; /* see find() */
    struct store_tail tail;
};

void store_session_done(struct store_session *session);

/* The caller sets done().  It must not block: its thread serves everybody. */
struct store_op {
    void (*done)(struct store_op *op);
    struct bits_outcome outcome;
    uint64_t stored;       /* bytes or sessions; see the calls */
    struct fault fault;    /* for the log; unset if the cause is BITS_CAUSE_OK;
                              empty: nothing to add */
    struct store_op *next; /* the store's until it answers, then the caller's */
};

/* A part of a list of sessions. */
struct store_page {
    struct store_session *sessions; /* room for max; the caller owns what it
                                       gets */
    size_t max;
    size_t count; /* the result */
};

/* Where list() stands.  The caller zeroes it, and may set a prefix. */
struct store_cursor {
    const char *prefix; /* NULL: of all prefixes */
    struct bits_guid after;
};

/* How a session ends. */
struct store_ending {
    enum bits_packet_type by;    /* the verb that the marker remembers */
    struct bits_outcome outcome; /* the answer that it remembers */
    bool expiry; /* nobody asked: end it only if its time is still over, and
                    leave no marker */
};

/* What to do when a file of the destination's name exists. */
enum store_exists {
    STORE_EXISTS_REFUSE,
    STORE_EXISTS_REPLACE,
    STORE_EXISTS_KEEP_BOTH, /* the new file gets a dated name */
};

enum store_durability {
    STORE_DURABLE_FINAL, /* a delivered file survives a power cut */
    STORE_DURABLE_NONE,  /* it survives the death of the process only */
};

/* An upload section of the configuration, as far as every store needs it. */
struct store_section {
    const char *prefix;
    uint64_t max_sessions;          /* UINT64_MAX: no limit */
    uint64_t max_sessions_per_user; /* the same */
    uint64_t session_timeout;       /* seconds */
    uint64_t empty_session_timeout; /* the same; without a stored byte */
    enum store_exists on_exists;
    enum store_durability durability;
    const void *own; /* what one kind of store needs: see its header */
};

/* What may replace a place whose folders are no longer there. */
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

/* Somebody who is told of prefixes, before the call is answered, on any thread;
 * must not block. */
struct store_listing {
    void (*prefix)(struct store_listing *listing, const char *prefix,
                   uint64_t sessions);
    bool (*is_kept)(struct store_listing *listing, const char *prefix);
};

/* Who keeps files of sessions open although no request uses them.  Called
 * before create() is answered, on any thread; must not block. */
struct store_keeper {
    /* Closes the file of a session that no request uses: file_close() is called
     * meanwhile. */
    void (*let_go)(struct store_keeper *keeper, const struct bits_guid *id);

    /* The session made room for another one (max_sessions).  Of several
     * without bytes that one create() takes, only the last one is named. */
    void (*evicted)(struct store_keeper *keeper, const struct bits_guid *id,
                    bool had_bytes);
};

struct store_ops {
    const char *name;

    /* --- places: one for each upload section --------------------------- */

    /* Opens root and staging folder, locks the latter, probes the file
     * system, and finishes what a crash left.  On failure *ret_place is NULL,
     * and the fault says what to do; *ret_may_come: the store had these folders
     * before, or the disk is full, so the place may be right later.
     * PLACE_AWAY: unfinished uploads of the prefix are in other folders than
     * these.  The place copies what it needs of the section.  Blocks: at start
     * and on reload only. */
    enum bits_cause (*place_open)(struct store *store,
                                  const struct store_section *section,
                                  struct store_place **ret_place,
                                  bool *ret_may_come, struct fault *ret_fault);

    /* Optional.  Is the place still where it was opened?  BITS_CAUSE_OK:
     * visit->found is the place, or a new one that replaces it; the caller
     * closes the old one. A new one is opened only if visit->how allows it, and
     * if nothing uses `place`, which may be NULL.  Else visit->found is NULL.
     */
    enum store_when (*place_visit)(struct store *store,
                                   struct store_place *place,
                                   struct store_visit *visit,
                                   struct store_op *op);

    /* Replaces the section, whose prefix and folders stay the same; it is
     * copied again.  Calls may be running. */
    void (*place_reconfigure)(struct store_place *place,
                              const struct store_section *section);

    /* Would place_close() have to wait?  No call may start meanwhile. */
    bool (*place_is_busy)(struct store_place *place);

    /* No session of the place may be in use.  Waits for background work. */
    void (*place_close)(struct store_place *place);

    /* --- Create-Session ------------------------------------------------ */

    /* May a file be delivered under this name?  Steps 2 to 4 of Create, that
     * the name is in none of the server's own folders, and that a file can be
     * moved there.  Changes nothing. */
    enum store_when (*check_name)(struct store_place *place, const char *name,
                                  struct store_op *op);

    /* Optional.  Is a regular file there under this name, and how many bytes
     * has it?  The name is found as check_name() finds it, whose causes these
     * are except FILE_EXISTS and those of create_folders.  BITS_CAUSE_OK:
     * *ret_found, and *ret_size if it is true.  An unfinished upload is not
     * there. */
    enum store_when (*look)(struct store_place *place, const char *name,
                            bool *ret_found, uint64_t *ret_size,
                            struct store_op *op);

    /* Inserts the row.  The caller sets id, prefix, name, user, address; the
     * rest starts empty, but for the times and the fence, which are set here.
     * At max_sessions another session makes room, or TOO_MANY_SESSIONS: the
     * longest idle one without bytes, first of the same user or address, then
     * of whoever has most of them; or one with bytes, of somebody else who has
     * most of the sessions idle longest.  A session whose file is open makes
     * no room, once the keeper (may be NULL) was asked to let go of it.
     * max_sessions_per_user counts a session without a user together with all
     * others of the place.  STATE_FULL: the index may not grow.
     * TARGET_TOO_LONG, TARGET_CHARACTER: the file system refuses the name. */
    enum store_when (*create)(struct store_place *place,
                              struct store_session *session,
                              struct store_keeper *keeper, struct store_op *op);

    /* --- rows ------------------------------------------------------------ */

    /* Loads a row and takes the session for this process.  A store that several
     * processes share raises the session's fence: calls with a row of an older
     * one change nothing, and end with CAUSE_FENCED.  SESSION_UNKNOWN: there is
     * no row, or it has expired (noticed on access like in a sweep).
     * *ret_session is filled on BITS_CAUSE_OK only; the caller owns it then. */
    enum store_when (*find)(struct store *store, const struct bits_guid *id,
                            struct store_session *ret_session,
                            struct store_op *op);

    /* Commits fragment_seen, stored_any, and total if total_known, as they
     * stand in *session at the time of the call: nothing is borrowed, and
     * deliver() may follow before it is answered.  SESSION_UNKNOWN: the session
     * was dropped meanwhile. */
    enum store_when (*learn)(struct store_place *place,
                             const struct store_session *session,
                             struct store_op *op);

    /* Commits an outcome of the session, that of an application for example,
     * which find() gives back from then on, also after a restart.  Nothing is
     * borrowed.  SESSION_UNKNOWN as for learn(). */
    enum store_when (*record)(struct store_place *place,
                              const struct store_session *session,
                              const struct bits_outcome *outcome,
                              struct store_op *op);

    /* A message of the session was processed: its time-out starts anew.
     * The row is rewritten only when that is due. */
    void (*touch)(struct store_place *place, struct store_session *session);

    /* --- bytes ----------------------------------------------------------- */

    /* Opens the data file, as far as there is one.  op->stored: how much of it
     * counts.  *ret_file is set on BITS_CAUSE_OK only. */
    enum store_when (*file_open)(struct store_place *place,
                                 struct store_session *session,
                                 struct store_file **ret_file,
                                 struct store_op *op);

    /* Makes ready to append `length` bytes at `stored` to a file that will
     * have session->total: makes the file if there is none, cuts off what
     * lies behind `stored`, sees that the rest of the file fits. */
    enum store_when (*begin)(struct store_file *file, uint64_t stored,
                             uint64_t length, struct store_op *op);

    /* Appends.  The bytes are taken when it returns, later or now: their
     * buffer or pipe can be used again.  (Of a disk that fills up the rest may
     * stay in the pipe.)  LATER holds the sender back: the next bytes come once
     * it is answered.  op->stored is what is there afterwards, on failure too.
     * With the first bytes session->stored_any becomes true before the call
     * returns; who must know that this is committed calls learn(). */
    enum store_when (*append)(struct store_file *file, struct os_bytes bytes,
                              struct store_op *op);

    /* The fragment ended or broke, and others may follow: gives back what was
     * reserved for it, and makes its bytes durable in the background. */
    void (*settle)(struct store_file *file);

    /* The same once every byte is here, and deliver() follows: it may begin to
     * make them durable. */
    void (*complete)(struct store_file *file);

    /* Optional.  settle() for the fragments that run, but have not grown since
     * the last call; what they take later is reserved anew.  Not while it
     * runs. */
    enum store_when (*give_back_stalled)(struct store *store,
                                         struct store_op *op);

    /* Optional; NULL: always.  Is the file still what append() made of it, and
     * to be written?  Else close it and open it again. */
    bool (*file_is_sound)(const struct store_file *file);

    /* Would what was appended survive kill -9?  Else an answer that names it
     * waits for save().  file may be NULL: is that so in this place at all
     * times? */
    bool (*is_saved)(const struct store_place *place,
                     const struct store_file *file);

    /* Makes what was appended so far durable and commits that.  The file may be
     * closed, and the session end, before it is answered.  IO_ERROR: bytes were
     * given up. */
    enum store_when (*save)(struct store_file *file, struct store_op *op);

    /* Accepts NULL.  Background work on the file may continue: it becomes
     * durable before the store closes it. */
    void (*file_close)(struct store_file *file);

    /* --- the end ---------------------------------------------------------- */

    /* Delivers.  The umask of the process must be 0: folders are made with
     * folder_mode, and not changed afterwards.  `file` may be NULL: then
     * deliver() opens it itself.  A session without a data file and with total
     * 0 delivers an empty file.  BITS_CAUSE_OK: state is DONE, delivered_as is
     * set.  Else state is RETRY, or RECEIVING, with op->stored = the bytes that
     * are left, when bytes were lost, or DELIVERING, with delivered_as, when
     * only the last fsync failed.  Also finishes what a crash or a failure left
     * in DELIVERING. */
    enum store_when (*deliver)(struct store_place *place,
                               struct store_session *session,
                               struct store_file *file, struct store_op *op);

    /* Releases everything: data file, row; leaves the marker.  Answered when
     * all of it is gone.  With ending->expiry, SESSION_UNKNOWN: it was not over
     * after all, nothing happened. */
    enum store_when (*end)(struct store_place *place,
                           struct store_session *session,
                           const struct store_ending *ending,
                           struct store_op *op);

    /* --- housekeeping ----------------------------------------------------- */

    /* Finds sessions of the place whose time is over, and forgets markers older
     * than a day.  The sessions are not taken for this process: end() is. */
    enum store_when (*expired)(struct store_place *place,
                               struct store_page *page, struct store_op *op);

    /* Optional.  One small step of removing data files without a row that are
     * older than the session time-out; the store knows which step is next. */
    enum store_when (*sweep)(struct store_place *place, struct store_op *op);

    /* Optional.  The next live sessions behind the cursor, which moves on;
     * fewer than page->max: there are no more.  They are not taken for this
     * process.
     */
    enum store_when (*list)(struct store *store, struct store_cursor *cursor,
                            struct store_page *page, struct store_op *op);

    /* How many sessions of a prefix have not ended. */
    enum store_when (*count)(struct store *store, const char *prefix,
                             uint64_t *ret_count, struct store_op *op);

    /* Calls each->prefix for every prefix that ever had a place here, and still
     * has sessions. */
    enum store_when (*prefixes)(struct store *store,
                                struct store_listing *listing,
                                struct store_op *op);

    /* Forgets some sessions whose time is over, and their data files, of
     * prefixes that listing->is_kept() does not know.  op->stored: how many.
     */
    enum store_when (*expire_removed)(struct store *store,
                                      struct store_listing *listing,
                                      struct store_op *op);

    /* Waits for everything that was asked, then releases the store.  Places
     * are closed before. */
    void (*close)(struct store *store);
};

/* What every store begins with. */
struct store {
    const struct store_ops *ops;
};

#endif
