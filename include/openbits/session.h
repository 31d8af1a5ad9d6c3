/*
 * openbits/session.h: what a server does with a packet: States, Fragment, Close
 * and Cancel of docs/protocol.md [MC-BUP 3.2.5].
 *
 * Three pure steps with the caller's I/O in between:
 *
 *     bits_packet_reader_end()   the form: V4 to V9             (packet.h)
 *     bits_session_plan()        the packet and the facts: V11 to V13, F1 to
 *                                F9, Close and Cancel
 *     bits_session_conclude()    the body has ended: what to answer
 *
 * No allocation, no clock, no state of their own: the caller's row and file
 * hold the state.
 */
#ifndef OPENBITS_SESSION_H
#define OPENBITS_SESSION_H

#include <openbits/export.h>
#include <openbits/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bits_session_state {
    /* The id is not in the table.  Every packet: SESSION_UNKNOWN
     * [MC-BUP 3.2.5.2.3]. */
    BITS_SESSION_NONE,
    /* Collecting bytes [MC-BUP 3.2.5.1.2].  All stored and delivered -> DONE;
     * all stored but the delivery failed -> RETRY; Close, Cancel or expiry ->
     * ENDED. */
    BITS_SESSION_RECEIVING,
    /* All bytes are stored, but the delivery failed.  The next Fragment or
     * Close retries it [MC-BUP 3.2.5.1.2]; Cancel or expiry -> ENDED. */
    BITS_SESSION_RETRY,
    /* Delivered.  A repeated Fragment gets the final Ack again [MC-BUP
     * 3.2.5.1.4]; Close, Cancel or expiry -> ENDED. */
    BITS_SESSION_DONE,
    /* Kept for a day so that a client can repeat the verb that ended it; then
     * NONE. */
    BITS_SESSION_ENDED,
};

/* Returns "RECEIVING" and the like; "unknown" for any other value. */
BITS_API const char *bits_session_state_name(enum bits_session_state state);

/* Limits of the prefix [MC-BUP 3.2.1.1]; UINT64_MAX: unlimited. */
struct bits_limits {
    uint64_t max_upload_size;   /* bytes per file */
    uint64_t max_fragment_size; /* bytes per fragment */
    bool refuse_empty;          /* ZERO_LENGTH_REFUSED */
    uint64_t reserved[4];       /* 0 */
};

/* The session's state, which the caller read from row and file. */
struct bits_facts {
    enum bits_session_state state;
    bool same_target; /* V12: prefix and decoded path agree */
    bool same_user;   /* V13 */

    bool fragment_seen; /* a Fragment reached F1, even if it was refused */
    bool total_known;
    uint64_t total;  /* bytes, the same for every Fragment [MC-BUP 2.2.1.2];
                        when total_known */
    uint64_t stored; /* bytes, measured; the next offset that the server
                        expects */
    unsigned probes; /* plans with is_probe that were answered since `stored`
                        has this value; kept in memory only */

    bool wrong_length; /* the packet's chunked body has ended, and its length
                          differs from its range (D-48) */

    /* ENDED: the verb that ended it and the answer to that verb. */
    enum bits_packet_type ended_by;
    struct bits_outcome ended;

    struct bits_limits limits;
    uint64_t reserved[8]; /* 0 */
};

enum bits_step {
    /* Send the outcome; discard the body, if any. */
    BITS_STEP_ANSWER,
    /* Take the body [MC-BUP 3.2.5.2.6]: skip its first `skip` bytes, store the
     * next `length` from `offset` on; then bits_session_conclude(). */
    BITS_STEP_STORE,
    /* Discard the body, deliver the file (an empty one if the total is 0),
     * answer with the delivery's cause and the plan's next (or a lower offset,
     * if stored bytes proved unreadable). */
    BITS_STEP_DELIVER,
    /* Release everything that the session holds, then send the outcome [MC-BUP
     * 2.2.9, 2.2.11]. */
    BITS_STEP_END,
    /* Close: deliver the file (an empty one if no byte was stored) [MC-BUP
     * 3.2.5.1.5].  Delivered: release the session and answer OK.  Failed:
     * answer with the delivery's cause and keep the session, except that
     * STAGED_FILE_MISSING releases it. */
    BITS_STEP_DELIVER_AND_END,
};

struct bits_plan {
    enum bits_step step;
    struct bits_outcome outcome; /* ANSWER, END */

    /* BITS-Received-Content-Range of the answer [MC-BUP 2.2.7.2], when
     * has_next: set for every Fragment that passed V13.  For STORE it is the
     * offset before the body: after storing bytes, answer with the stored
     * offset instead. */
    bool has_next;
    uint64_t next;

    /* F2a: an empty body before the real one.  The caller counts it in
     * probes. */
    bool is_probe;

    /* Commit before the answer: that a Fragment was seen, and the total that it
     * fixed.  Not set for what the facts already contain. */
    bool learn_fragment;
    bool learn_total;
    uint64_t total; /* bytes; of STORE, and when learn_total */

    /* STORE */
    uint64_t skip;
    uint64_t offset;
    uint64_t length;
    uint64_t reserved[8]; /* 0 */
};

/* Decides on a FRAGMENT, CLOSE or CANCEL whose form is valid.  The other types
 * have no session: for them, and for facts whose `reserved` is not zero, the
 * plan is to answer BITS_CAUSE_INTERNAL.  Do not call it while a delivery of
 * the session runs: wait for its result first.
 *
 * For a CREATE the caller answers BITS_CAUSE_PROTOCOL_UNKNOWN if the packet's
 * protocol_known is false (N1).
 *
 *     V11        the session is known                 [MC-BUP 3.2.5.2.3]
 *     V12, V13   target and user are those of Create  ours
 *     F1         the range is one of bytes            [MC-BUP 2.2.6.1]
 *     F2         it is as long as the body            [MC-BUP 2.2.6.3]
 *     F3         the body is not coded                [MC-BUP 2.2.6.1]
 *     F4         the total did not change             [MC-BUP 2.2.1.2]
 *     F5         the file is not too large            [MC-BUP 2.2.1.2]
 *     F6         the Fragment is not too large        [MC-BUP 2.2.6]
 *     F7         no gap                               [MC-BUP 3.2.5.2.6]
 *     F8, F9     stored bytes arrive again            ours
 *     Close                                           [MC-BUP 3.2.5.2.7]
 *     Cancel                                          [MC-BUP 3.2.5.2.8]
 *
 * RECEIVING with every byte stored, the state after a crash before the
 * delivery, is treated as RETRY.  RETRY and DONE without a known total belong
 * to an empty file: a Close could not deliver it. */
BITS_API void bits_session_plan(const struct bits_packet *packet,
                                const struct bits_facts *facts,
                                struct bits_plan *ret_plan);

/* How a body ended.  After a body that was cut the client does not know the
 * offset [MC-BUP 2.2.6]; the bytes that arrived are kept. */
enum bits_body_end {
    BITS_BODY_WHOLE, /* as long as the range */
    BITS_BODY_CUT,   /* the connection broke, time ran out, or the chunked
                        coding is malformed */
    BITS_BODY_SHORT, /* chunked, complete, shorter than the range (D-48) */
    BITS_BODY_LONG,  /* chunked, longer than the range (D-48); the excess is
                        discarded */
};

enum bits_conclusion {
    BITS_CONCLUSION_ANSWER,  /* answer with *ret_cause and next = stored */
    BITS_CONCLUSION_DELIVER, /* every byte is stored: deliver, answer its
                                cause */
    BITS_CONCLUSION_SILENT,  /* the client is gone: send nothing, keep the
                                bytes */
};

/* Call after the body of a STORE. stored: bytes in the store now.  Writes
 * *ret_cause for ANSWER only. */
BITS_API enum bits_conclusion
bits_session_conclude(const struct bits_plan *plan, uint64_t stored,
                      enum bits_body_end end, enum bits_cause *ret_cause);

/* One Ack [MC-BUP 2.2.3, 2.2.5, 2.2.7, 2.2.9, 2.2.11]. */
struct bits_answer {
    enum bits_packet_type type; /* of the packet that is answered */
    struct bits_outcome outcome;
    struct bits_text sentence;   /* what happened; what to do: an error's text;
                                    empty: the sentence of the cause; bytes
                                    that are not printable ASCII become '?' */
    struct bits_text session_id; /* repeated as received; of a new session: its
                                    GUID; empty: omitted */
    struct bits_text fault;      /* put before the remedy in the error's text,
                                    with '?' as above; empty: nothing */
    bool has_next;
    uint64_t next;                     /* bytes */
    struct bits_text host_id;          /* CREATE [MC-BUP 2.2.3.2]; empty:
                                          omitted */
    uint32_t host_id_fallback_timeout; /* seconds; 0: omitted */
    uint64_t reserved[8];              /* 0 */
};

/* Calls emit once for each header of the Ack, including Content-Length: 0
 * [MC-BUP 2.2.3.1], in the order of the Microsoft traces [MC-BUP 4.1].  Values
 * are valid during the call only.  Omits headers that an Ack of this type or
 * status must not carry, even if the answer has them: the session id of a Ping
 * or a failed Create, and the host id of anything but a successful Create. */
BITS_API void bits_answer_fields(const struct bits_answer *answer,
                                 void (*emit)(void *context, const char *name,
                                              struct bits_text value),
                                 void *context);

#ifdef __cplusplus
}
#endif

#endif
