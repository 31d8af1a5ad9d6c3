/*
 * protocol/transfer_inside.h: the members of struct bits_transfer.
 *
 * Programs know only its size, so members may change without breaking programs
 * that were built before.
 */
#ifndef PROTOCOL_TRANSFER_INSIDE_H
#define PROTOCOL_TRANSFER_INSIDE_H

#include <openbits/transfer.h>

#include "protocol/transfer_answer.h"

/* The request that is ready to be sent or was sent. */
struct transfer_request {
    bool ready;
    bool in_flight;
    bool is_reply; /* the GET of the reply, not a packet */
    bool to_host_id;
    bool expect;
    enum bits_packet_type type;
    uint64_t offset;
    uint64_t length;
    uint64_t sent_at_ms;
};

enum transfer_end {
    TRANSFER_RUNS,
    TRANSFER_DONE,
    TRANSFER_CANCELLED,
    TRANSFER_FAILED,
};

/* may_alias: programs reserve the room as an array of integers. */
struct transfer {
    struct bits_transfer_options options;
    struct bits_transfer_state state; /* its ages count from the two times
                                         below */
    uint64_t fallback_since_ms;
    uint64_t stalled_since_ms;

    enum bits_phase phase;
    enum transfer_end end;
    bool paused;
    bool unsaved;
    bool ping_first;
    bool waiting;
    uint64_t due_ms;
    unsigned attempt; /* delays since the last progress */
    unsigned notices; /* bit set */
    struct bits_failure failure;
    struct transfer_request request;
    struct transfer_answer answer;

    uint64_t length; /* of the next fragments, in bytes */
    bool expect_next;
    bool expect_never;
    bool refused_early; /* a body was refused, perhaps before it was sent
                           whole */

    bool contacted;           /* an answer was an Ack */
    bool resumed;             /* no Fragment was accepted since the resume */
    bool recreated;           /* C40 used its one Create */
    bool abandoning;          /* a Cancel of the old session comes first */
    unsigned stray;           /* status of a page that a proxy may have sent for
                                 the last Fragment; 0: none */
    bool stray_resumed;       /* it answered the first Fragment after a
                                 resume */
    uint64_t suspect;         /* length of a Fragment that got two such pages;
                                 0: none */
    bool armed[2];            /* server, proxy: asked for credentials */
    uint8_t challenges[6][2]; /* a row per packet type, then the reply */
    unsigned restarts;        /* since the last progress */
    unsigned setbacks;        /* offsets without progress, since then */
    unsigned unsent;          /* consecutive */
    unsigned same_416;        /* consecutive answers 416 with the offset
                                 below */
    uint64_t last_416;
    unsigned blind_416; /* consecutive answers 416 without a readable offset */
    uint64_t guess;     /* offset of the next Fragment; 0: state.offset */
} __attribute__((may_alias));

_Static_assert(sizeof(struct transfer) <= sizeof(struct bits_transfer),
               "raise BITS_TRANSFER_SIZE; that is another soname");
_Static_assert(_Alignof(struct transfer) <= _Alignof(struct bits_transfer),
               "a struct bits_transfer is aligned for its content");

static inline struct transfer *transfer_in(struct bits_transfer *opaque)
{
    return (struct transfer *)opaque->opaque;
}

static inline const struct transfer *
transfer_look(const struct bits_transfer *opaque)
{
    return (const struct transfer *)opaque->opaque;
}

#endif
