/*
 * openbits/cause.h: how a packet can end, and the status and error headers that
 * report it [MC-BUP 2.2.1.2]. cause.def is the table; pure functions; any
 * thread.
 *
 * Each cause of the table has one outcome.  A server numbers its own causes
 * from BITS_CAUSE_OWN on and fills their outcomes itself.  It also sets the
 * sentence of the answer: the functions below describe causes that they do not
 * know as INTERNAL.  It does the same when it forwards the answer of an
 * application behind it.
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
    /* A server's own causes start at this number.  To make them enumerators of
     * this type, define BITS_OWN_CAUSES as the name of a file that lists them,
     * each followed by a comma. */
    BITS_CAUSE_OWN = 1000,
    BITS_CAUSE_BEFORE_OWN = BITS_CAUSE_OWN - 1,
#ifdef BITS_OWN_CAUSES
#include BITS_OWN_CAUSES
#endif
};

/* Who must act on an answer. */
enum bits_concern {
    BITS_CONCERN_CLIENT, /* the client, or its user */
    BITS_CONCERN_SETUP,  /* the administrator: a setting or a right may be
                            wrong */
    BITS_CONCERN_SERVER, /* the administrator: the server or its machine
                            fails */
};

/* Values of BITS-Error-Context that a server sends [MC-BUP 2.2.1.2]. */
#define BITS_CONTEXT_SERVER 0x5u /* the server itself failed or refused */
#define BITS_CONTEXT_APPLICATION                                               \
    0x7u /* the application behind the server                                  \
            failed or refused */

/* How a packet ended, as sent in the Ack. */
struct bits_outcome {
    enum bits_cause cause;
    unsigned status;      /* HTTP status */
    uint32_t hresult;     /* BITS-Error-Code; 0: no error headers */
    uint32_t context;     /* BITS-Error-Context, sent with hresult */
    uint32_t retry_after; /* seconds; 0: no Retry-After */
};

/* The outcome of a cause of the table. */
BITS_API struct bits_outcome bits_cause_outcome(enum bits_cause cause);

BITS_API enum bits_concern bits_cause_concern(enum bits_cause cause);

/* The name in the table, for logs that programs read: "RANGE_GAP". */
BITS_API const char *bits_cause_name(enum bits_cause cause);

/* What happened and what to do, without a full stop. */
BITS_API const char *bits_cause_sentence(enum bits_cause cause);

#ifdef __cplusplus
}
#endif

#endif
