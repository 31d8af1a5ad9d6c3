/*
 * openbits/transfer.h: what a client does next: rules C1 to C50 of
 * docs/protocol.md [MC-BUP 3.1].
 *
 * A machine without I/O, clock or memory of its own.  Events go in, one action
 * at a time comes out:
 *
 *     bits_transfer_start(&transfer, &options);         or _resume()
 *     for (;;) {
 *         bits_transfer_next(&transfer, now_ms, &action);
 *         switch (action.kind) ...   do it, then tell what came of it:
 *         SAVE        write bits_transfer_get_state() down, then _saved()
 *         SEND, FETCH_REPLY
 *                     bits_transfer_url() and bits_transfer_fields(), no
 *                     redirects; then _answer_status(), _answer_field()...,
 *                     _answer_end(), or _broken(), or _unsent()
 *         WAIT        sleep until action.until_ms, or less
 *         NOTIFY      show it
 *         AWAIT, PAUSED, DONE, CANCELLED, FAILED
 *                     nothing to do before the next event, or ever
 *     }
 *
 * Times are milliseconds of one monotonic clock.  What a peer sends is bounded
 * by the maxima below.  Pure; any thread, one thread at a time for one
 * transfer.  The end of the file explains error codes to people.
 */
#ifndef OPENBITS_TRANSFER_H
#define OPENBITS_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/export.h>
#include <openbits/packet.h>
#include <openbits/text.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BITS_HOST_ID_MAX 300
#define BITS_REPLY_URL_MAX 2200 /* [MC-BUP 2.2.1.2] */
#define BITS_LOCATION_MAX 255
#define BITS_CONTENT_NAME_MAX 260 /* [MC-BUP 2.2.1.1] */

/* The longest URL that a transfer takes. */
#define BITS_URL_MAX 8192

/* Room for any URL that a transfer writes: a relative reply URL, each byte
 * escaped, behind the directory of the user's. */
#define BITS_URL_ROOM (BITS_URL_MAX + 3 * BITS_REPLY_URL_MAX + 16)

/* Fragment sizes in bytes, which are the client's to choose
 * [MC-BUP 3.1.5.1.4; Appendix A, notes 10, 16]: no smaller one is chosen but
 * for the tail; the first one; the largest that is chosen unasked. */
#define BITS_FRAGMENT_MIN 5120
#define BITS_FRAGMENT_START (1024 * 1024)
#define BITS_FRAGMENT_MAX (8 * 1024 * 1024)

/* Smaller bodies go without Expect, as long as the server takes them. */
#define BITS_EXPECT_MIN (1024 * 1024)

/* How long a request may stand still while it is sent, and how long its answer
 * may take [MC-BUP 3.1.2.1, 3.1.2.2].  The caller's to watch. */
#define BITS_SEND_TIMEOUT_MS 120000
#define BITS_RECEIVE_TIMEOUT_MS 300000

/* When to try again after an error that may pass. */
struct bits_retry {
    /* The delay starts between min and twice that, doubles with each error
     * that follows without progress, and stays below max.  Within that a
     * random number decides; min = max: no jitter. */
    uint64_t min_ms;
    uint64_t max_ms;
    uint64_t floor_ms; /* no delay is shorter, whatever min says */
    /* The longest delay that a Retry-After is granted. */
    uint64_t retry_after_max_ms;
    /* Given up so long after the first error without progress since; 0: with
     * the first error. */
    uint64_t give_up_ms;
    uint64_t reserved[4]; /* 0 */
};

/* Somebody waits for the end: 1 s to 60 s, for an hour. */
extern BITS_API const struct bits_retry bits_retry_foreground;

/* Nobody does: 600 s, not below 5 s, for 14 days. */
extern BITS_API const struct bits_retry bits_retry_queue;

struct bits_transfer_options {
    struct bits_text url;          /* borrowed; absolute, http or https */
    struct bits_text content_name; /* borrowed; the file's name, or empty */
    uint64_t size;                 /* of the file, bytes */
    uint64_t fragment_start;       /* bytes; 0: BITS_FRAGMENT_START */
    uint64_t fragment_max;         /* bytes; 0: BITS_FRAGMENT_MAX */
    struct bits_retry retry;
    bool expect_reply; /* the file is worth nothing without a reply */
    bool foreground;   /* no BITS server at first contact: final */
    /* Answers to 401 and to 407 [MC-BUP 3.1.5.1.7]. */
    bool has_credentials;
    bool has_proxy_credentials;
    /* Hosts that may get credentials, cookies and the user's own headers
     * besides that of the URL; borrowed. */
    const struct bits_text *trusted_hosts;
    size_t trusted_host_count;
    /* Any 32 random bits; NULL: no jitter. */
    uint32_t (*random)(void *context);
    void *random_context;
    uint64_t reserved[8]; /* 0 */
};

/* C41: Close found no session [MC-BUP 3.1.5.2.1]. */
enum bits_close_lost {
    BITS_CLOSE_LOST_NEVER,
    BITS_CLOSE_LOST_RESTARTING, /* a Create that is refused now leaves the
                                   delivery unknown */
    BITS_CLOSE_LOST_RESTARTED,  /* Create was accepted; another time is final */
};

/* What outlives the process [MC-BUP 3.1.1].  Texts are terminated; empty: none.
 * It must be written before the next packet leaves, but needs no fsync.
 *
 * The two ages grow while nobody looks: before bits_transfer_resume() the
 * caller may add the time that has passed, or set stalled to false for a
 * user who asks again.  After a reboot the file may be an old one: then the
 * caller sets sent_end to the file's size. */
struct bits_transfer_state {
    char session_id[BITS_SESSION_ID_MAX + 1];
    char host_id[BITS_HOST_ID_MAX + 1];     /* [MC-BUP 2.2.3.2] */
    char reply_url[BITS_REPLY_URL_MAX + 1]; /* as it came [MC-BUP 2.2.7.2] */
    uint32_t fallback_timeout_s;            /* [MC-BUP 3.1.2.3]; 0: never */
    bool fallback_running;
    uint64_t fallback_age_ms;
    bool stalled; /* there was an error, and no progress since */
    uint64_t stalled_ms;
    uint64_t offset;   /* as the server last named it */
    uint64_t sent_end; /* highest end of a fragment sent in this session */
    uint64_t best;     /* highest offset named in any session */
    uint64_t ceiling;  /* a fragment of so many bytes was refused; 0: none */
    bool complete;     /* the Ack of the last byte came */
    bool reply_fetched;
    unsigned close_attempts;
    enum bits_close_lost close_lost;
    bool cancelling;
    uint64_t reserved[8]; /* 0 */
};

enum bits_action_kind {
    BITS_ACTION_SEND,        /* a packet */
    BITS_ACTION_FETCH_REPLY, /* GET the reply whole, then _answer..._end() */
    BITS_ACTION_AWAIT,       /* sent, and no answer yet */
    BITS_ACTION_SAVE,
    BITS_ACTION_WAIT,
    BITS_ACTION_NOTIFY,
    BITS_ACTION_PAUSED,
    BITS_ACTION_DONE,      /* delivered: the server acknowledged Close */
    BITS_ACTION_CANCELLED, /* the session is over, as asked; not delivered */
    BITS_ACTION_FAILED,    /* for good, or given up */
};

/* News; those from HOST_ID_INVALID on are warnings. */
enum bits_notice {
    BITS_NOTICE_PROGRESS, /* bits_transfer_progress() has a new offset */
    BITS_NOTICE_CREATED,  /* a session begins */
    BITS_NOTICE_LOST,     /* the session is gone; from the start again */
    BITS_NOTICE_HOST,     /* the server named another host for the session */
    BITS_NOTICE_NO_REPLY, /* the application gave none; an empty reply */
    BITS_NOTICE_HOST_ID_INVALID,   /* the host named is none; ignored */
    BITS_NOTICE_HOST_SILENT,       /* back to the URL's host
                                      [MC-BUP 3.1.6.3] */
    BITS_NOTICE_HOST_CERTIFICATE,  /* does not fit: back to the URL's host */
    BITS_NOTICE_HOST_UNTRUSTED,    /* wants credentials and is not trusted by
                                      name: back to the URL's host */
    BITS_NOTICE_CANCEL_UNANSWERED, /* the server refused Cancel or is not
                                      there; its session will expire */
    BITS_NOTICE_COUNT
};

/* Why a transfer failed or waits. */
enum bits_reason {
    BITS_REASON_NONE,
    BITS_REASON_ANSWER,    /* the status or the HRESULT says it */
    BITS_REASON_TRANSPORT, /* no answer; the HRESULT says it */
    BITS_REASON_LOCAL,     /* the caller said it */
    BITS_REASON_NOT_BITS,
    BITS_REASON_MISTAKEN,
    BITS_REASON_NOT_ACK,
    BITS_REASON_REDIRECTED,
    BITS_REASON_NO_SESSION_ID,
    BITS_REASON_PROTOCOL,
    BITS_REASON_NO_OFFSET,
    BITS_REASON_NO_OFFSET_NO_ACK,
    BITS_REASON_NO_ADVANCE,
    BITS_REASON_FORGETFUL,
    BITS_REASON_UNSTEADY,
    BITS_REASON_FRAGMENT_REFUSED,
    BITS_REASON_EMPTY_REFUSED,
    BITS_REASON_CLOSE_REFUSED,
    BITS_REASON_CLOSE_LOST,
    BITS_REASON_REPLY_MISSING,
    BITS_REASON_REPLY_URL,
    BITS_REASON_CREDENTIALS_MISSING,
    BITS_REASON_CREDENTIALS_REFUSED,
    BITS_REASON_COUNT
};

/* BG_ERROR_CONTEXT; a server sends 0x5 and 0x7 [MC-BUP 2.2.1.2]. */
enum bits_error_context {
    BITS_ERROR_CONTEXT_NONE,
    BITS_ERROR_CONTEXT_UNKNOWN,
    BITS_ERROR_CONTEXT_QUEUE,
    BITS_ERROR_CONTEXT_NOTIFICATION,
    BITS_ERROR_CONTEXT_LOCAL_FILE,
    BITS_ERROR_CONTEXT_SERVER,
    BITS_ERROR_CONTEXT_TRANSPORT,
    BITS_ERROR_CONTEXT_APPLICATION,
};

struct bits_failure {
    bool temporary; /* the same again later may work */
    enum bits_reason reason;
    uint32_t hresult;
    enum bits_error_context context;
    unsigned status;                      /* HTTP; 0: no answer */
    char location[BITS_LOCATION_MAX + 1]; /* REDIRECTED; cut; visible ASCII */
    char text[BITS_ERROR_TEXT_MAX + 1];   /* ANSWER: the server's own words, or
                                             empty; printable ASCII */
};

/* What to say about a failure: the reason in a sentence without a full stop.
 * NULL for ANSWER, TRANSPORT and LOCAL, where bits_error_find() of the HRESULT
 * says more. */
BITS_API const char *bits_reason_sentence(enum bits_reason reason);

struct bits_action {
    enum bits_action_kind kind;

    /* SEND */
    enum bits_packet_type type;
    uint64_t offset; /* FRAGMENT: the body is length bytes from here */
    uint64_t length;
    bool expect; /* with Expect: 100-continue */

    /* SEND, FETCH_REPLY */
    bool to_host_id;  /* to the host that the server named */
    bool trusted;     /* cookies and the user's own headers may go along */
    bool credentials; /* the user's credentials go along */
    bool proxy_credentials;
    bool challenged; /* the last ones were refused: read them anew */

    uint64_t until_ms;                  /* WAIT */
    enum bits_notice notice;            /* NOTIFY */
    const struct bits_failure *failure; /* WAIT, FAILED; lives until the next
                                           event */
    uint64_t reserved[8];               /* 0 */
};

/* BG_E_LOCAL_FILE_CHANGED, for bits_transfer_local_error(). */
#define BITS_HR_LOCAL_FILE_CHANGED 0x8020001Du

/* Why nothing came back. */
enum bits_transport {
    BITS_TRANSPORT_OFFLINE, /* no network */
    BITS_TRANSPORT_RESOLVE, /* no such host */
    BITS_TRANSPORT_CONNECT,
    BITS_TRANSPORT_TLS,                /* but for certificates */
    BITS_TRANSPORT_CERTIFICATE,        /* the server's, bad or not for it */
    BITS_TRANSPORT_CLIENT_CERTIFICATE, /* ours is wanted or refused */
    /* From here on the request may have arrived. */
    BITS_TRANSPORT_TIMEOUT,
    BITS_TRANSPORT_BROKEN,   /* reset, or closed before the answer */
    BITS_TRANSPORT_NOT_HTTP, /* an answer that makes no sense */
};

/* Where a transfer is [MC-BUP 3.1.5.1]. */
enum bits_phase {
    BITS_PHASE_CREATE,
    BITS_PHASE_FRAGMENT,
    BITS_PHASE_REPLY,
    BITS_PHASE_CLOSE,
    BITS_PHASE_CANCEL,
};

struct bits_progress {
    enum bits_phase phase;
    uint64_t offset; /* bytes that the server has [MC-BUP 3.1.1.2]; may go
                        down */
    uint64_t best;   /* its highest value */
    uint64_t size;
    const char *session_id; /* borrowed, terminated; empty: none */
    const char *reply_url;  /* borrowed, terminated, as it came; raw peer
                               text */
    uint64_t reserved[4];   /* 0 */
};

/* Bytes of struct bits_transfer. */
#define BITS_TRANSFER_SIZE 12288

/* One transfer.  Reserve it where you like; _start() or _resume() fills it.
 * Nothing is held elsewhere: a copy is a second machine. */
struct bits_transfer {
    uint64_t opaque[BITS_TRANSFER_SIZE / sizeof(uint64_t)];
};

/* A new transfer.  Returns false if the URL is not absolute with http or https,
 * or longer than BITS_URL_MAX, or if `reserved` of the options is not zero. All
 * options are borrowed as long as it runs. */
BITS_API bool bits_transfer_start(struct bits_transfer *transfer,
                                  const struct bits_transfer_options *options);

/* One that was interrupted; it starts with a Ping
 * [MC-BUP 3.1.4.3; Appendix A, note 9].  Returns false, too, if the state
 * cannot be true for a file of this size: start anew then. */
BITS_API bool bits_transfer_resume(struct bits_transfer *transfer,
                                   const struct bits_transfer_options *options,
                                   const struct bits_transfer_state *state,
                                   uint64_t now_ms);

/* What to do now.  Asked again before the next event, it says the same, but
 * that SEND and FETCH_REPLY become AWAIT, and each NOTIFY comes once. */
BITS_API void bits_transfer_next(struct bits_transfer *transfer,
                                 uint64_t now_ms,
                                 struct bits_action *ret_action);

/* The URL of the request under way, terminated.  A host that the server named
 * takes the place of the URL's own [MC-BUP 3.1.5.1.2]. */
BITS_API struct bits_text
bits_transfer_url(const struct bits_transfer *transfer,
                  char room[BITS_URL_ROOM]);

/* Calls emit once for each header that the protocol wants in the packet under
 * way, Content-Length included [MC-BUP 2.2.1.1].  Values live during the call
 * only.  Host, Accept, User-Agent, Expect and what authentication needs are the
 * caller's; a Content-Type must not be sent. */
BITS_API void bits_transfer_fields(const struct bits_transfer *transfer,
                                   void (*emit)(void *context, const char *name,
                                                struct bits_text value),
                                   void *context);

/* SAVE: what to write down. */
BITS_API void bits_transfer_get_state(const struct bits_transfer *transfer,
                                      uint64_t now_ms,
                                      struct bits_transfer_state *ret_state);

/* Written; or it cannot be, and the transfer goes on all the same. */
BITS_API void bits_transfer_saved(struct bits_transfer *transfer);

/* The status line of an answer; the fields follow.  Called again, the last one
 * counts, so that 1xx and the legs of an authentication may be fed as well. */
BITS_API void bits_transfer_answer_status(struct bits_transfer *transfer,
                                          unsigned status);
BITS_API void bits_transfer_answer_field(struct bits_transfer *transfer,
                                         struct bits_text name,
                                         struct bits_text value);

/* The answer's head is whole; what the connection does then does not count.
 * What an answer means: errors C18 to C25 [MC-BUP 3.1.5.2.1]; a 2xx without
 * BITS-Packet-Type: Ack is discarded, C17 [MC-BUP 3.1.5.2.2]; the offset of a
 * Fragment's, C11 to C16, and 413, C7 [MC-BUP 3.1.5.2.4].
 * FETCH_REPLY: a 2xx says that the body is whole and kept, too. */
BITS_API void bits_transfer_answer_end(struct bits_transfer *transfer,
                                       uint64_t now_ms);

/* No answer, or no whole one.  body_sent: bytes of the body that had left. */
BITS_API void bits_transfer_broken(struct bits_transfer *transfer,
                                   uint64_t now_ms, enum bits_transport error,
                                   uint64_t body_sent);

/* The answer that is read belongs to a request that left twice, because its
 * first connection broke.  Call before bits_transfer_answer_end(). */
BITS_API void bits_transfer_repeated(struct bits_transfer *transfer);

/* With credentials, a Fragment may leave only on a connection whose Ping was
 * answered.  It would have left on a new one and was held back. */
BITS_API void bits_transfer_unsent(struct bits_transfer *transfer,
                                   uint64_t now_ms);

/* The local file changed or cannot be read, the reply cannot be kept: failed
 * for good.  What is under way is to be aborted.  A Cancel goes on. */
BITS_API void bits_transfer_local_error(struct bits_transfer *transfer,
                                        uint32_t hresult);

/* The network is back: a WAIT ends. */
BITS_API void bits_transfer_wake(struct bits_transfer *transfer);

/* What is under way is to be aborted; its answer does not count. */
BITS_API void bits_transfer_pause(struct bits_transfer *transfer);

/* Goes on after a pause or a failure, as if no error had been. */
BITS_API void bits_transfer_continue(struct bits_transfer *transfer);

/* What is under way is to be aborted; Cancel-Session follows if there is a
 * session, at once even if it waits already.  No effect on a transfer that is
 * done. */
BITS_API void bits_transfer_cancel(struct bits_transfer *transfer,
                                   uint64_t now_ms);

BITS_API struct bits_progress
bits_transfer_progress(const struct bits_transfer *transfer);

/* --- Errors in words ------------------------------------------------------ */

/* A value of BITS-Error-Code or of a job's error, or a family of them. */
struct bits_explanation {
    uint32_t first; /* HRESULT */
    uint32_t last;  /* the same, but for a family */
    const char *name;
    const char *meaning; /* each without a full stop */
    const char *cause;   /* the usual one */
    const char *remedy;
};

/* NULL: not known. */
BITS_API const struct bits_explanation *bits_error_find(uint32_t hresult);

/* What a person may have at hand: "0x80190194", "80190194", "-2145844844",
 * "2149122452", "404", "BG_E_TOO_LARGE"; in any case.  NULL: not known. */
BITS_API const struct bits_explanation *bits_explain(struct bits_text text);

/* The table, row by row; NULL past its end. */
BITS_API const struct bits_explanation *bits_explanation_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
