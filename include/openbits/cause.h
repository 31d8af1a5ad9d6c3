/*
 * openbits/cause.h: every way a packet can end, and what each is on the wire
 * [MC-BUP 2.2.1.2].  cause.def is the table; pure functions; any thread.
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
    BITS_CAUSE_COUNT
};

/* Whom an answer concerns. */
enum bits_concern {
    BITS_CONCERN_CLIENT, /* the client, or its user */
    BITS_CONCERN_SETUP,  /* the administrator may want to change something */
    BITS_CONCERN_SERVER, /* the server does not work as it should */
};

/* The HTTP status of the Ack. */
BITS_API unsigned bits_cause_status(enum bits_cause cause);

/* The value of BITS-Error-Code; 0: the Ack carries no error headers. */
BITS_API uint32_t bits_cause_hresult(enum bits_cause cause);

BITS_API enum bits_concern bits_cause_concern(enum bits_cause cause);

/* The name in the table, for logs that programs read ("RANGE_GAP"). */
BITS_API const char *bits_cause_name(enum bits_cause cause);

/* What happened and what to do, in words, without a full stop. */
BITS_API const char *bits_cause_sentence(enum bits_cause cause);

#ifdef __cplusplus
}
#endif

#endif
