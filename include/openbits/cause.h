/*
 * openbits/cause.h: how a packet can end, and what that is on the wire
 * [MC-BUP 2.2.1.2].  cause.def is the table; pure functions; any thread.
 *
 * A cause of the table has one outcome.  A server has causes of its own, from
 * BITS_CAUSE_OWN on, and forwards what the application behind it answered: then
 * it fills the outcome itself.
 */
#ifndef OPENBITS_CAUSE_H
#define OPENBITS_CAUSE_H

#include <stdint.h>

#include <openbits/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values of BITS-Error-Code that a server sends [MS-ERREF 2.1]. */
#define BITS_HR_FAIL 0x80004005u
#define BITS_HR_FILE_NOT_FOUND 0x80070002u
#define BITS_HR_PATH_NOT_FOUND 0x80070003u
#define BITS_HR_ACCESS_DENIED 0x80070005u
#define BITS_HR_INVALID_ARGUMENT 0x80070057u
#define BITS_HR_DISK_FULL 0x80070070u
#define BITS_HR_HTTP_503 0x801901F7u
#define BITS_HR_SESSION_NOT_FOUND 0x8020001Fu
#define BITS_HR_TOO_LARGE 0x80200020u

/* The longest BITS-Error-Text, in bytes. */
#define BITS_ERROR_TEXT_MAX 255

enum bits_cause {
#define BITS_CAUSE(name, status, hresult, concern, sentence) BITS_CAUSE_##name,
#include <openbits/cause.def>
#undef BITS_CAUSE
    BITS_CAUSE_COUNT,
    /* A server's own causes are numbered from here on.  Their names are of this
     * type, too, if BITS_OWN_CAUSES is a file with their enumerators, each with
     * a comma behind it. */
    BITS_CAUSE_OWN = 1000,
    BITS_CAUSE_BEFORE_OWN = BITS_CAUSE_OWN - 1,
#ifdef BITS_OWN_CAUSES
#include BITS_OWN_CAUSES
#endif
};

/* Whom an answer concerns. */
enum bits_concern {
    BITS_CONCERN_CLIENT, /* the client, or its user */
    BITS_CONCERN_SETUP,  /* the administrator may want to change something */
    BITS_CONCERN_SERVER, /* the server does not work as it should */
};

/* Values of BITS-Error-Context that a server sends [MC-BUP 2.2.1.2]. */
#define BITS_CONTEXT_SERVER 0x5u      /* the server itself failed or refused */
#define BITS_CONTEXT_APPLICATION 0x7u /* the application behind it did */

/* How a packet ended, as the Ack says it. */
struct bits_outcome {
    enum bits_cause cause;
    unsigned status;      /* HTTP status */
    uint32_t hresult;     /* BITS-Error-Code; 0: no error headers */
    uint32_t context;     /* BITS-Error-Context, sent with hresult */
    uint32_t retry_after; /* seconds; 0: the Ack does not say */
};

/* The outcome of a cause of the table. */
BITS_API struct bits_outcome bits_cause_outcome(enum bits_cause cause);

BITS_API enum bits_concern bits_cause_concern(enum bits_cause cause);

/* The name in the table, for logs that programs read ("RANGE_GAP"). */
BITS_API const char *bits_cause_name(enum bits_cause cause);

/* What happened and what to do, in words, without a full stop. */
BITS_API const char *bits_cause_sentence(enum bits_cause cause);

#ifdef __cplusplus
}
#endif

#endif
