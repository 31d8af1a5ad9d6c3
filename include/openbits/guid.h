/*
 * openbits/guid.h: the 128-bit names of sessions and protocols
 * [MS-DTYP 2.3.4.3], [MC-BUP 2.2.1.2, 2.2.2.2].
 *
 * Pure functions; any thread.
 */
#ifndef OPENBITS_GUID_H
#define OPENBITS_GUID_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/export.h>
#include <openbits/text.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bits_guid {
    uint8_t bytes[16]; /* in the order of the printed digits */
};

/* "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}" without the terminator. */
#define BITS_GUID_TEXT_LEN 38

/* The only upload protocol that exists [MC-BUP 1.7.1], as text (in lower case,
 * as in the traces) and as bytes. */
#define BITS_PROTOCOL_1_5_TEXT "{7df0354d-249b-430f-820d-3d2a9bef4931}"
extern BITS_API const struct bits_guid bits_protocol_1_5;

/* Reads a GUID in braces; digits in any case.  Returns false, and leaves
 * *ret_guid untouched, for anything else, including text before or after the
 * braces. */
BITS_API bool bits_guid_parse(struct bits_text text,
                              struct bits_guid *ret_guid);

/* Writes the form with braces in upper case, terminated. */
BITS_API void bits_guid_format(const struct bits_guid *guid,
                               char ret_text[BITS_GUID_TEXT_LEN + 1]);

#define BITS_GUID_RANDOM 10 /* bytes */

/* Makes a GUID of version 7 [RFC 9562 5.7]: first the time, so that an index
 * keeps GUIDs of one time together; then 74 random bits. */
BITS_API void bits_guid_make(uint64_t unix_ms,
                             const uint8_t random[BITS_GUID_RANDOM],
                             struct bits_guid *ret_guid);

BITS_API bool bits_guid_equal(const struct bits_guid *a,
                              const struct bits_guid *b);

#ifdef __cplusplus
}
#endif

#endif
