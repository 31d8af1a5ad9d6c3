/*
 * openbits/packet.h: from the fields of a request to one BITS packet, rules V4
 * to V9 of docs/protocol.md [MC-BUP 2.2, 3.2.5.2.3].
 *
 * Feed the fields of the head to a reader in the order in which they arrived,
 * declare the framing of the body, then ask for the packet:
 *
 *     bits_packet_reader_init(&reader);
 *     for each field: bits_packet_reader_field(&reader, name, value);
 *     bits_packet_reader_body(&reader, framing, content_length);
 *     cause = bits_packet_reader_end(&reader, &packet);
 *
 * Texts in the packet borrow from the fields that were fed.  Pure: no
 * allocation, no I/O.  Any thread, but one thread at a time for one reader.
 * The caller handles HTTP framing: it must have checked that Content-Length and
 * Transfer-Encoding are valid (one value, not both), otherwise requests can be
 * smuggled.
 */
#ifndef OPENBITS_PACKET_H
#define OPENBITS_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/cause.h>
#include <openbits/export.h>
#include <openbits/guid.h>
#include <openbits/text.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The one method of the protocol [MC-BUP 2.2.1]. */
#define BITS_METHOD "BITS_POST"

/* The longest value of a BITS-* or Content-* header [MC-BUP 2.2.1.2]. */
#define BITS_FIELD_VALUE_MAX 4096

/* The longest session id that an answer repeats. */
#define BITS_SESSION_ID_MAX 100

enum bits_packet_type {
    BITS_PACKET_PING,           /* [MC-BUP 2.2.4] */
    BITS_PACKET_CREATE_SESSION, /* [MC-BUP 2.2.2] */
    BITS_PACKET_FRAGMENT,       /* [MC-BUP 2.2.6] */
    BITS_PACKET_CLOSE_SESSION,  /* [MC-BUP 2.2.8] */
    BITS_PACKET_CANCEL_SESSION, /* [MC-BUP 2.2.10] */
};

/* Returns "Create-Session", spelled as in the traces [MC-BUP 4.1]; "unknown"
 * for any other value. */
BITS_API const char *bits_packet_type_name(enum bits_packet_type type);

/* Reads a type in any case, because the specification capitalizes it otherwise
 * than the traces [MC-BUP 2.2.1.2].  Returns false if it is not a packet of the
 * protocol. */
BITS_API bool bits_packet_type_parse(struct bits_text text,
                                     enum bits_packet_type *ret_type);

/* What tells the length of the request's body [MC-BUP 2.2.1.1]. */
enum bits_framing {
    BITS_FRAMING_NONE,      /* neither Content-Length nor Transfer-Encoding */
    BITS_FRAMING_LENGTH,    /* Content-Length */
    BITS_FRAMING_CHUNKED,   /* Transfer-Encoding: chunked */
    BITS_FRAMING_MALFORMED, /* a Content-Length that is not a decimal number
                               below 2^64: the end of the body is unknown */
};

/* first and last are offsets in the file, both included. */
struct bits_range {
    uint64_t first;
    uint64_t last;
    uint64_t total;
};

enum bits_range_form {
    BITS_RANGE_FORM_BYTES,     /* "bytes 0-6/12" and within its own bounds */
    BITS_RANGE_FORM_EMPTY,     /* a spelling of the empty file, total 0 */
    BITS_RANGE_FORM_MALFORMED, /* anything else: F1 */
};

/* Reads a Content-Range value [MC-BUP 2.2.6.1].  Writes ret_range for
 * BITS_RANGE_FORM_BYTES only. */
BITS_API enum bits_range_form bits_range_parse(struct bits_text text,
                                               struct bits_range *ret_range);

struct bits_packet {
    enum bits_packet_type type;
    bool type_known; /* false: the request has no known type */
    enum bits_framing framing;
    uint64_t content_length; /* bytes; 0 unless framing is LENGTH */

    /* Repeated in the Ack [MC-BUP 2.2.1.2]: 1 to 100 visible ASCII
     * characters, else empty. */
    struct bits_text session_id;
    bool session_is_guid; /* false: not the id of a session of this server */
    struct bits_guid session;

    /* CREATE: BITS 1.5 is among the first 100 offers
     * [MC-BUP 2.2.2.2; Appendix A, note 6]. */
    bool protocol_known;

    enum bits_range_form range_form; /* FRAGMENT */
    struct bits_range range;         /* FRAGMENT, form BYTES */
    bool content_coded;              /* Content-Encoding other than identity
                                        [MC-BUP 2.2.6.1] */
    uint64_t reserved[8];            /* 0 */
};

/* Bytes of struct bits_packet_reader. */
#define BITS_PACKET_READER_SIZE 1024

/* Reserve it anywhere; bits_packet_reader_init() fills it. */
struct bits_packet_reader {
    uint64_t opaque[BITS_PACKET_READER_SIZE / sizeof(uint64_t)];
};

BITS_API void bits_packet_reader_init(struct bits_packet_reader *reader);

/* Takes one field: the name in any case, the value without the white space
 * around it.  Ignores fields that the protocol does not know [MC-BUP 2.2], and
 * Content-Length, which bits_packet_reader_body() passes. */
BITS_API void bits_packet_reader_field(struct bits_packet_reader *reader,
                                       struct bits_text name,
                                       struct bits_text value);

/* Declares the framing of the body; default: BITS_FRAMING_NONE. content_length
 * counts for BITS_FRAMING_LENGTH only.  For BITS_FRAMING_MALFORMED the reader
 * returns BITS_CAUSE_LENGTH_MALFORMED in place of V7, and the caller must close
 * the connection after the answer. */
BITS_API void bits_packet_reader_body(struct bits_packet_reader *reader,
                                      enum bits_framing framing,
                                      uint64_t content_length);

/* Checks the form, in this order:
 *
 *     V5  BITS-* and Content-* values are short enough   [MC-BUP 2.2.1.2]
 *     V6  the packet type is known                       [MC-BUP 2.2.1.2]
 *     V7  a Fragment has a length, a length is a number  [MC-BUP 3.2.5.2.3]
 *     V8  only a Fragment has a body
 *                 [MC-BUP 2.2.2.1, 2.2.4.1, 2.2.8.1, 2.2.10.1]
 *     V9  no header repeats, the mandatory ones are present
 *                 [MC-BUP 2.2.1.2, 2.2.2.2, 2.2.6.1]
 *
 * A mandatory header with an empty value counts as missing.  BITS_CAUSE_OK:
 * ret_packet is complete.  Otherwise the result is the cause to answer, and
 * ret_packet has type (PING if unknown) and session_id (if known), so that the
 * caller can write the answer.
 *
 * A chunked body is accepted with every packet, since its length is not known
 * yet.  If the body of a packet other than a Fragment turns out not to be
 * empty, the caller answers BITS_CAUSE_BODY_UNEXPECTED. */
BITS_API enum bits_cause
bits_packet_reader_end(const struct bits_packet_reader *reader,
                       struct bits_packet *ret_packet);

#ifdef __cplusplus
}
#endif

#endif
