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

/* The only upload protocol there is [MC-BUP 1.7.1], as text, which the
 * traces have in lower case, and as bytes. */
#define BITS_PROTOCOL_1_5_TEXT "{7df0354d-249b-430f-820d-3d2a9bef4931}"
extern BITS_API const struct bits_guid bits_protocol_1_5;

/* Reads a GUID in braces, digits in any case.  False, and *ret_guid untouched,
 * for anything else, also for one with text before or behind it. */
BITS_API bool bits_guid_parse(struct bits_text text,
                              struct bits_guid *ret_guid);

/* Writes the braced form in upper case, terminated. */
BITS_API void bits_guid_format(const struct bits_guid *guid,
                               char ret_text[BITS_GUID_TEXT_LEN + 1]);

#define BITS_GUID_RANDOM 10 /* bytes */

/* Makes a new one of version 7 [RFC 9562 5.7]: the time first, so that those
 * of one time stand together in an index; then 74 random bits. */
BITS_API void bits_guid_make(uint64_t unix_ms,
                             const uint8_t random[BITS_GUID_RANDOM],
                             struct bits_guid *ret_guid);

BITS_API bool bits_guid_equal(const struct bits_guid *a,
                              const struct bits_guid *b);

#ifdef __cplusplus
}
#endif

#endif
