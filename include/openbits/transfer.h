/*
 * openbits/transfer.h: what a client does next: rules C1 to C50 of
 * docs/protocol.md [MC-BUP 3.1].
 *
 * A machine without I/O, clock or memory of its own.  The caller feeds events;
 * the machine returns one action at a time:
 *
 *     bits_transfer_start(&transfer, &options);         or _resume()
 *     for (;;) {
 *         bits_transfer_next(&transfer, now_ms, &action);
 *         switch (action.kind) ...   do it, then report the result:
 *         SAVE        store bits_transfer_get_state(), then _saved()
 *         SEND, FETCH_REPLY
 *                     bits_transfer_url() and bits_transfer_fields(), no
 *                     redirects; then _answer_status(), _answer_field()...,
 *                     _answer_end(), or _broken(), or _unsent()
 *         WAIT        sleep until action.until_ms, or less
 *         NOTIFY      show it
 *         AWAIT, PAUSED, DONE, CANCELLED, FAILED
 *                     nothing to do before the next event
 *     }
 *
 * Times are milliseconds of one monotonic clock.  The maxima below bound what a
 * peer can send.  Pure; any thread, but one thread at a time for one transfer.
 * The functions at the end of the file explain error codes to people.
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

/* The longest URL that a transfer accepts. */
#define BITS_URL_MAX 8192

/* Room for any URL that a transfer writes: a relative reply URL, each byte
 * escaped, appended to the directory of the user's URL. */
#define BITS_URL_ROOM (BITS_URL_MAX + 3 * BITS_REPLY_URL_MAX + 16)

/* Fragment sizes in bytes; the client chooses them [MC-BUP 3.1.5.1.4; Appendix
 * A, notes 10, 16].  MIN: the smallest, except for the last fragment of a file.
 * START: the first.  MAX: the largest, unless the options set another. */
#define BITS_FRAGMENT_MIN 5120
#define BITS_FRAGMENT_START (1024 * 1024)
#define BITS_FRAGMENT_MAX (8 * 1024 * 1024)

/* Smaller bodies are sent without Expect, unless the server refused an earlier
 * one. */
#define BITS_EXPECT_MIN (1024 * 1024)

/* For the caller: how long sending a request may make no progress, and how long
 * its answer may take [MC-BUP 3.1.2.1, 3.1.2.2]. */
#define BITS_SEND_TIMEOUT_MS 120000
#define BITS_RECEIVE_TIMEOUT_MS 300000

/* When to retry after a temporary error. */
struct bits_retry {
    /* The delay starts between min and twice that, doubles with each further
     * error without progress, and stays below max.  It is random within that
     * range; min = max: no jitter. */
    uint64_t min_ms;
    uint64_t max_ms;
    uint64_t floor_ms; /* no delay is shorter, whatever min says */
    /* The longest Retry-After of a server that is respected. */
    uint64_t retry_after_max_ms;
    /* Gives up this long after the first error without progress since; 0: at
     * the first error. */
    uint64_t give_up_ms;
    uint64_t reserved[4]; /* 0 */
};

/* A user waits for the end: 1 s to 60 s, for an hour. */
extern BITS_API const struct bits_retry bits_retry_foreground;

/* A background queue: 600 s, not below 5 s, for 14 days. */
extern BITS_API const struct bits_retry bits_retry_queue;

struct bits_transfer_options {
    struct bits_text url;          /* borrowed; absolute, http or https */
    struct bits_text content_name; /* borrowed; the file's name, or empty */
    uint64_t size;                 /* of the file, in bytes */
    /* Bytes; 0: BITS_FRAGMENT_START.  fragment_max does not lower it: for a
     * smaller maximum set both. */
    uint64_t fragment_start;
    uint64_t fragment_max; /* bytes; 0: BITS_FRAGMENT_MAX */
    /* Set it, for example to bits_retry_foreground.  All zero: the first
     * temporary error ends the transfer. */
    struct bits_retry retry;
    bool expect_reply; /* the transfer fails if no reply comes */
    bool foreground;   /* fail at once if the first answer is not from a BITS
                          server */
    /* Answers to 401 and to 407 [MC-BUP 3.1.5.1.7]. */
    bool has_credentials;
    bool has_proxy_credentials;
    /* Besides the URL's host: hosts that may receive credentials, cookies and
     * the user's own headers; borrowed. */
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
    BITS_CLOSE_LOST_RESTARTING, /* if the server refuses the new Create, the
                                   delivery is unknown */
    BITS_CLOSE_LOST_RESTARTED,  /* the new Create was accepted; the next time is
                                   final */
};

/* State that outlives the process [MC-BUP 3.1.1].  Texts are terminated; empty:
 * not set.  Store it before the next packet leaves; fsync is not needed.
 *
 * The two ages do not grow while the program is stopped.  Before
 * bits_transfer_resume() the caller may add the time that has passed, or set
 * stalled to false if a user retries by hand.  The state does not name the URL
 * or the file: the caller resumes with the same ones, and deletes the state
 * when the transfer is DONE or CANCELLED.  After a reboot the file may be
 * outdated: then the caller sets sent_end to the file's size. */
struct bits_transfer_state {
    char session_id[BITS_SESSION_ID_MAX + 1];
    char host_id[BITS_HOST_ID_MAX + 1];     /* [MC-BUP 2.2.3.2] */
    char reply_url[BITS_REPLY_URL_MAX + 1]; /* as received [MC-BUP 2.2.7.2] */
    uint32_t fallback_timeout_s;            /* [MC-BUP 3.1.2.3]; 0: never */
    bool fallback_running;
    uint64_t fallback_age_ms;
    bool stalled; /* an error occurred, without progress since */
    uint64_t stalled_ms;
    uint64_t offset;   /* as the server last announced it */
    uint64_t sent_end; /* highest end of a fragment sent in this session */
    uint64_t best;     /* highest offset announced in any session */
    uint64_t ceiling;  /* a fragment of this size was refused; 0: none was */
    bool complete;     /* the Ack of the last byte has arrived */
    bool reply_fetched;
    unsigned close_attempts;
    enum bits_close_lost close_lost;
    bool cancelling;
    uint64_t reserved[8]; /* 0 */
};

enum bits_action_kind {
    BITS_ACTION_SEND,        /* a packet */
    BITS_ACTION_FETCH_REPLY, /* GET the whole reply, then _answer..._end() */
    BITS_ACTION_AWAIT,       /* sent; the answer has not arrived */
    BITS_ACTION_SAVE,
    BITS_ACTION_WAIT,
    BITS_ACTION_NOTIFY,
    BITS_ACTION_PAUSED,
    BITS_ACTION_DONE,      /* delivered: the server acknowledged Close */
    BITS_ACTION_CANCELLED, /* the session ended as asked; not delivered */
    BITS_ACTION_FAILED,    /* permanent failure, or gave up */
};

/* News.  Those from HOST_ID_INVALID on are warnings. */
enum bits_notice {
    BITS_NOTICE_PROGRESS, /* bits_transfer_progress() has a new offset */
    BITS_NOTICE_CREATED,  /* a session begins */
    BITS_NOTICE_LOST,     /* the session is lost; the upload starts over */
    BITS_NOTICE_HOST,     /* the server named another host for the session */
    BITS_NOTICE_NO_REPLY, /* the application sent no reply; it counts as
                             empty */
    BITS_NOTICE_HOST_ID_INVALID,   /* ignoring the announced host: not a valid
                                      host name */
    BITS_NOTICE_HOST_SILENT,       /* back to the URL's host
                                      [MC-BUP 3.1.6.3] */
    BITS_NOTICE_HOST_CERTIFICATE,  /* its certificate does not match: back to
                                      the URL's host */
    BITS_NOTICE_HOST_UNTRUSTED,    /* it asks for credentials but is not in
                                      trusted_hosts: back to the URL's host */
    BITS_NOTICE_CANCEL_UNANSWERED, /* the server refused Cancel or did not
                                      answer; its session will expire */
    BITS_NOTICE_COUNT
};

/* Why a transfer failed or is waiting. */
enum bits_reason {
    BITS_REASON_NONE,
    BITS_REASON_ANSWER,    /* see the status or the HRESULT */
    BITS_REASON_TRANSPORT, /* no answer arrived; see the HRESULT */
    BITS_REASON_LOCAL,     /* the caller reported the error */
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
    bool temporary; /* a retry may succeed */
    enum bits_reason reason;
    uint32_t hresult;
    enum bits_error_context context;
    unsigned status;                      /* HTTP; 0: no answer arrived */
    char location[BITS_LOCATION_MAX + 1]; /* REDIRECTED; truncated; visible
                                             ASCII */
    char text[BITS_ERROR_TEXT_MAX + 1];   /* ANSWER: the server's text, or
                                             empty; printable ASCII */
};

/* Describes a failure: the reason in a sentence without a full stop.  NULL for
 * ANSWER, TRANSPORT and LOCAL: bits_error_find() of the HRESULT describes
 * those. */
BITS_API const char *bits_reason_sentence(enum bits_reason reason);

struct bits_action {
    enum bits_action_kind kind;

    /* SEND */
    enum bits_packet_type type;
    uint64_t offset; /* FRAGMENT: the body is `length` bytes from here on */
    uint64_t length;
    bool expect; /* with Expect: 100-continue */

    /* SEND, FETCH_REPLY */
    bool to_host_id;  /* send to the host that the server announced */
    bool trusted;     /* cookies and the user's own headers may be sent */
    bool credentials; /* send the user's credentials */
    bool proxy_credentials;
    bool challenged; /* the last credentials were refused: read them again */

    uint64_t until_ms;                  /* WAIT */
    enum bits_notice notice;            /* NOTIFY */
    const struct bits_failure *failure; /* WAIT, FAILED; valid until the next
                                           event */
    uint64_t reserved[8];               /* 0 */
};

/* BG_E_LOCAL_FILE_CHANGED, for bits_transfer_local_error(). */
#define BITS_HR_LOCAL_FILE_CHANGED 0x8020001Du

/* Why no answer arrived. */
enum bits_transport {
    BITS_TRANSPORT_OFFLINE, /* no network */
    BITS_TRANSPORT_RESOLVE, /* unknown host */
    BITS_TRANSPORT_CONNECT,
    BITS_TRANSPORT_TLS,                /* TLS failure other than a certificate
                                          error */
    BITS_TRANSPORT_CERTIFICATE,        /* the server's certificate is invalid or
                                          for another host */
    BITS_TRANSPORT_CLIENT_CERTIFICATE, /* the server requires a client
                                          certificate or refuses ours */
    /* From here on the request may have reached the server. */
    BITS_TRANSPORT_TIMEOUT,
    BITS_TRANSPORT_BROKEN,   /* reset, or closed before the answer */
    BITS_TRANSPORT_NOT_HTTP, /* the answer is not valid HTTP */
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
    uint64_t offset; /* bytes that the server has [MC-BUP 3.1.1.2]; may
                        decrease */
    uint64_t best;   /* highest value of offset */
    uint64_t size;
    const char *session_id; /* borrowed, terminated; empty: none yet */
    const char *reply_url;  /* borrowed, terminated, as received: raw text of a
                               peer */
    uint64_t reserved[4];   /* 0 */
};

/* Bytes of struct bits_transfer. */
#define BITS_TRANSFER_SIZE 12288

/* One transfer.  Reserve it anywhere; _start() or _resume() fills it.  It owns
 * nothing else: a copy is a second machine. */
struct bits_transfer {
    uint64_t opaque[BITS_TRANSFER_SIZE / sizeof(uint64_t)];
};

/* Starts a new transfer.  Returns false if the URL is not absolute with http or
 * https or is longer than BITS_URL_MAX, or if `reserved` of the options is not
 * zero.  The caller percent-encodes spaces and control bytes in the URL, and
 * takes a user name and a password out of it: the transfer repeats the URL as
 * it is.  The transfer borrows everything in the options. */
BITS_API bool bits_transfer_start(struct bits_transfer *transfer,
                                  const struct bits_transfer_options *options);

/* Resumes an interrupted transfer, beginning with a Ping [MC-BUP 3.1.4.3;
 * Appendix A, note 9].  Returns false for the same reasons, and also if the
 * state cannot belong to a file of this size: then call
 * bits_transfer_start(). */
BITS_API bool bits_transfer_resume(struct bits_transfer *transfer,
                                   const struct bits_transfer_options *options,
                                   const struct bits_transfer_state *state,
                                   uint64_t now_ms);

/* Returns the action to do now.  Called again before the next event it returns
 * the same action, except that SEND and FETCH_REPLY become AWAIT, and each
 * NOTIFY is returned once. */
BITS_API void bits_transfer_next(struct bits_transfer *transfer,
                                 uint64_t now_ms,
                                 struct bits_action *ret_action);

/* The URL of the current request, terminated.  Its host is the one that the
 * server announced, if any [MC-BUP 3.1.5.1.2]. */
BITS_API struct bits_text
bits_transfer_url(const struct bits_transfer *transfer,
                  char room[BITS_URL_ROOM]);

/* Calls emit once for each header that the protocol requires in the current
 * packet, including Content-Length [MC-BUP 2.2.1.1].  Values are valid during
 * the call only.  The caller adds Host, Accept, User-Agent, Expect and the
 * headers of authentication; it must not send a Content-Type. */
BITS_API void bits_transfer_fields(const struct bits_transfer *transfer,
                                   void (*emit)(void *context, const char *name,
                                                struct bits_text value),
                                   void *context);

/* SAVE: the state to store. */
BITS_API void bits_transfer_get_state(const struct bits_transfer *transfer,
                                      uint64_t now_ms,
                                      struct bits_transfer_state *ret_state);

/* Call when the state is stored.  Call it also if storing failed: the transfer
 * continues. */
BITS_API void bits_transfer_saved(struct bits_transfer *transfer);

/* The status line of an answer; its fields follow.  The last call counts, so
 * that the caller may also feed 1xx answers and the steps of an
 * authentication. */
BITS_API void bits_transfer_answer_status(struct bits_transfer *transfer,
                                          unsigned status);
BITS_API void bits_transfer_answer_field(struct bits_transfer *transfer,
                                         struct bits_text name,
                                         struct bits_text value);

/* Call when the answer's head is complete; what happens to the connection
 * afterwards does not matter.  Errors: C18 to C25 [MC-BUP 3.1.5.2.1].  A 2xx
 * without BITS-Packet-Type: Ack is discarded: C17 [MC-BUP 3.1.5.2.2].  Offset
 * of a Fragment's answer: C11 to C16; 413: C7 [MC-BUP 3.1.5.2.4].  FETCH_REPLY:
 * call it for a 2xx only when the whole body is stored. */
BITS_API void bits_transfer_answer_end(struct bits_transfer *transfer,
                                       uint64_t now_ms);

/* No answer arrived, or an incomplete one. body_sent: bytes of the body that
 * were sent. */
BITS_API void bits_transfer_broken(struct bits_transfer *transfer,
                                   uint64_t now_ms, enum bits_transport error,
                                   uint64_t body_sent);

/* The answer belongs to a request that was sent twice, because its first
 * connection broke.  Call before bits_transfer_answer_end(). */
BITS_API void bits_transfer_repeated(struct bits_transfer *transfer);

/* The request was not sent.  With credentials, a Fragment may only be sent on
 * the connection of an answered Ping; the caller held it back because it would
 * have used a new connection. */
BITS_API void bits_transfer_unsent(struct bits_transfer *transfer,
                                   uint64_t now_ms);

/* The local file changed or cannot be read, or the reply cannot be stored.  The
 * transfer fails permanently; abort the current request.  A Cancel
 * continues. */
BITS_API void bits_transfer_local_error(struct bits_transfer *transfer,
                                        uint32_t hresult);

/* The network is back: ends a WAIT. */
BITS_API void bits_transfer_wake(struct bits_transfer *transfer);

/* Abort the current request: the transfer ignores its answer. */
BITS_API void bits_transfer_pause(struct bits_transfer *transfer);

/* Resumes after a pause or a failure, as if no error had occurred. */
BITS_API void bits_transfer_continue(struct bits_transfer *transfer);

/* Abort the current request.  If there is a session, Cancel-Session follows,
 * without waiting for a pending delay.  No effect on a transfer that is
 * done. */
BITS_API void bits_transfer_cancel(struct bits_transfer *transfer,
                                   uint64_t now_ms);

BITS_API struct bits_progress
bits_transfer_progress(const struct bits_transfer *transfer);

/* --- Errors in words ------------------------------------------------------ */

/* A value of BITS-Error-Code or of a job's error, or a family of values. */
struct bits_explanation {
    uint32_t first; /* HRESULT */
    uint32_t last;  /* equal to first, except for a family */
    const char *name;
    const char *meaning; /* each without a full stop */
    const char *cause;   /* the usual cause */
    const char *remedy;
};

/* Returns NULL if the code is not known. */
BITS_API const struct bits_explanation *bits_error_find(uint32_t hresult);

/* Finds an error by what a person may have at hand, in any case: "0x80190194",
 * "80190194", "-2145844844", "2149122452", "404", "BG_E_TOO_LARGE".  Returns
 * NULL if it is not known. */
BITS_API const struct bits_explanation *bits_explain(struct bits_text text);

/* The rows of the table; NULL past the end. */
BITS_API const struct bits_explanation *bits_explanation_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
