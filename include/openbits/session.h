/*
 * openbits/session.h: what a server does with a packet: States, Fragment,
 * Close and Cancel of docs/protocol.md [MC-BUP 3.2.5].
 *
 * Three pure steps with the caller's I/O in between:
 *
 *     bits_packet_reader_end()   the form: V4 to V9             (packet.h)
 *     bits_session_plan()        the packet and the facts: V11 to V13, F1 to
 *                                F9, Close and Cancel
 *     bits_session_conclude()    the body has ended: the last word
 *
 * No allocation, no clock, no state of their own: row and file hold it.
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
    /* Collecting bytes [MC-BUP 3.2.5.1.2].  All here and delivered -> DONE; all
     * here and the delivery failed -> RETRY; Close, Cancel or expiry ->
     * ENDED. */
    BITS_SESSION_RECEIVING,
    /* All bytes are here, the delivery failed.  The next Fragment or Close
     * tries it again [MC-BUP 3.2.5.1.2]; Cancel or expiry -> ENDED. */
    BITS_SESSION_RETRY,
    /* Delivered.  A Fragment gets the final Ack again [MC-BUP 3.2.5.1.4];
     * Close, Cancel or expiry -> ENDED. */
    BITS_SESSION_DONE,
    /* Remembered for a day so that the verb that ended it can be repeated;
     * then NONE. */
    BITS_SESSION_ENDED,
};

/* "RECEIVING" */
BITS_API const char *bits_session_state_name(enum bits_session_state state);

/* Limits of the prefix [MC-BUP 3.2.1.1]; UINT64_MAX: none. */
struct bits_limits {
    uint64_t max_upload_size;   /* bytes a file */
    uint64_t max_fragment_size; /* bytes a fragment */
    bool refuse_empty;          /* ZERO_LENGTH_REFUSED */
    uint64_t reserved[4];       /* 0 */
};

/* What row and file say, read by the caller. */
struct bits_facts {
    enum bits_session_state state;
    bool same_target; /* V12: prefix and decoded path agree */
    bool same_user;   /* V13 */

    bool fragment_seen; /* a Fragment reached F1, refused ones included */
    bool total_known;
    uint64_t total;  /* bytes, the same for every Fragment [MC-BUP 2.2.1.2];
                        when total_known */
    uint64_t stored; /* bytes, measured; the next offset that is wanted */
    unsigned probes; /* plans with is_probe that were answered since `stored`
                        has this value; may be forgotten when memory is */

    bool wrong_length; /* the packet's chunked body has ended, and was not as
                          long as its range (D-48) */

    /* ENDED: the verb that ended it and what it was answered. */
    enum bits_packet_type ended_by;
    struct bits_outcome ended;

    struct bits_limits limits;
    uint64_t reserved[8]; /* 0 */
};

enum bits_step {
    /* Give the outcome; the body, if any, goes nowhere. */
    BITS_STEP_ANSWER,
    /* Take the body [MC-BUP 3.2.5.2.6]: skip its first `skip` bytes, store the
     * next `length` from `offset` on; then bits_session_conclude(). */
    BITS_STEP_STORE,
    /* Drop the body, deliver the file (an empty one if the total is 0), answer
     * with the delivery's cause and the plan's next (fewer bytes, if some
     * proved unreadable). */
    BITS_STEP_DELIVER,
    /* Release all that the session holds, then give the outcome
     * [MC-BUP 2.2.9, 2.2.11]. */
    BITS_STEP_END,
    /* Close: deliver the file (an empty one if no byte was stored)
     * [MC-BUP 3.2.5.1.5].  Delivered:
     * release and answer OK.  Not: answer with the delivery's cause, the
     * session stays (STAGED_FILE_MISSING: it is released all the same). */
    BITS_STEP_DELIVER_AND_END,
};

struct bits_plan {
    enum bits_step step;
    struct bits_outcome outcome; /* ANSWER, END */

    /* BITS-Received-Content-Range of the answer [MC-BUP 2.2.7.2], when
     * has_next: set for every Fragment that passed V13.  For STORE it is the
     * offset before the body; once bytes were stored, answer with what is in
     * the store instead. */
    bool has_next;
    uint64_t next;

    /* F2a: an empty body before the real one.  To be counted in probes. */
    bool is_probe;

    /* To be committed before the answer: that a Fragment was seen, and the
     * total it fixed.  Not set for what the facts know already. */
    bool learn_fragment;
    bool learn_total;
    uint64_t total; /* bytes; of STORE, and when learn_total */

    /* STORE */
    uint64_t skip;
    uint64_t offset;
    uint64_t length;
    uint64_t reserved[8]; /* 0 */
};

/* Decides on a FRAGMENT, CLOSE or CANCEL whose form is good; for the other
 * types, which have no session, the plan is to answer BITS_CAUSE_INTERNAL, as
 * for facts whose `reserved` is not zero.  A session that is being delivered
 * has no plan: wait for the result, then ask.
 *
 *     V11        the session is known                 [MC-BUP 3.2.5.2.3]
 *     V12, V13   target and user are those of Create  ours
 *     F1         the range is one of bytes            [MC-BUP 2.2.6.1]
 *     F2         it is as long as the body            [MC-BUP 2.2.6.3]
 *     F3         the body is not coded                [MC-BUP 2.2.6.1]
 *     F4         the total is the one before          [MC-BUP 2.2.1.2]
 *     F5         the file is not too large            [MC-BUP 2.2.1.2]
 *     F6         the Fragment is not too large        [MC-BUP 2.2.6]
 *     F7         no gap                               [MC-BUP 3.2.5.2.6]
 *     F8, F9     stored bytes come again              ours
 *     Close                                           [MC-BUP 3.2.5.2.7]
 *     Cancel                                          [MC-BUP 3.2.5.2.8]
 *
 * RECEIVING with every byte stored, which a crash before the delivery leaves,
 * is treated as RETRY.  RETRY and DONE without a known total are those of an
 * empty file, which a Close leaves that could not deliver it. */
BITS_API void bits_session_plan(const struct bits_packet *packet,
                                const struct bits_facts *facts,
                                struct bits_plan *ret_plan);

/* How a body ended.  One that is cut leaves the client in doubt about the
 * offset [MC-BUP 2.2.6]: the bytes that came are kept. */
enum bits_body_end {
    BITS_BODY_WHOLE, /* as long as the range */
    BITS_BODY_CUT,   /* the connection broke, time ran out, or the chunks
                        stopped making sense */
    BITS_BODY_SHORT, /* chunked, complete, shorter than the range (D-48) */
    BITS_BODY_LONG,  /* chunked, longer than the range (D-48); what lies
                        outside is dropped */
};

enum bits_conclusion {
    BITS_CONCLUSION_ANSWER,  /* answer with *ret_cause and next = stored */
    BITS_CONCLUSION_DELIVER, /* every byte is here: deliver, answer its cause */
    BITS_CONCLUSION_SILENT,  /* nobody to answer; the bytes stay */
};

/* After the body of a STORE.  stored: bytes in the store now.  *ret_cause is
 * written for ANSWER only. */
BITS_API enum bits_conclusion
bits_session_conclude(const struct bits_plan *plan, uint64_t stored,
                      enum bits_body_end end, enum bits_cause *ret_cause);

/* One Ack [MC-BUP 2.2.3, 2.2.5, 2.2.7, 2.2.9, 2.2.11]. */
struct bits_answer {
    enum bits_packet_type type; /* of the packet that is answered */
    struct bits_outcome outcome;
    struct bits_text sentence;   /* what happened; what to do: for an error's
                                    text; empty: that of the cause's row */
    struct bits_text session_id; /* repeated as it came; of a new session: its
                                    GUID; empty: left out */
    struct bits_text fault;      /* printable ASCII that the error's text has
                                    before its remedy; empty: nothing */
    bool has_next;
    uint64_t next;                     /* bytes */
    struct bits_text host_id;          /* CREATE [MC-BUP 2.2.3.2]; empty: left
                                          out */
    uint32_t host_id_fallback_timeout; /* seconds; 0: left out */
    uint64_t reserved[8];              /* 0 */
};

/* Calls emit once for each header of the Ack, Content-Length: 0 included
 * [MC-BUP 2.2.3.1], in the order of the Microsoft traces [MC-BUP 4.1].  Values
 * live during the call only.  What an Ack of this type or status must not carry
 * is left out even if the answer has it: the session id of a Ping or a failed
 * Create, the host id of anything but a successful Create. */
BITS_API void bits_answer_fields(const struct bits_answer *answer,
                                 void (*emit)(void *context, const char *name,
                                              struct bits_text value),
                                 void *context);

#ifdef __cplusplus
}
#endif

#endif
