/*
 * openbits/target.h: from a request target to a name below an upload root,
 * step 2 of Create-Session in docs/protocol.md [MC-BUP 3.2.5.2.4].
 *
 * Pure; any thread.
 */
#ifndef OPENBITS_TARGET_H
#define OPENBITS_TARGET_H

#include <stdbool.h>

#include <openbits/cause.h>
#include <openbits/export.h>
#include <openbits/text.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest name of a file or folder, in bytes. */
#define BITS_SEGMENT_MAX 255

/* Parts of a request target in origin or absolute form; all borrowed. */
struct bits_target {
    struct bits_text scheme;    /* absolute form only, else empty */
    struct bits_text authority; /* absolute form only, else empty */
    struct bits_text path;      /* raw, starts with '/' */
    struct bits_text query;     /* raw, without '?' */
    bool has_query;
    uint64_t reserved[4]; /* 0 */
};

/* Returns false if the text has neither form. */
BITS_API bool bits_target_parse(struct bits_text text,
                                struct bits_target *ret_target);

/* Returns true if the decoded leading segments of path equal those of prefix
 * (decoded, starts with '/', no '/' at the end unless it is "/"). *ret_rest is
 * then the raw rest after the slash.  Empty segments of the path are skipped
 * (D-53).  A segment with a malformed escape never matches. */
BITS_API bool bits_target_below(struct bits_text path, struct bits_text prefix,
                                struct bits_text *ret_rest);

/* Decodes the raw path below a prefix into name: decoded segments joined by
 * '/', without the empty ones (D-53), terminated.  size must be at least
 * raw.len + 1.
 *   BITS_CAUSE_OK               a file name that cannot leave the root
 *   BITS_CAUSE_TARGET_IS_FOLDER empty, or ends in '/'
 *   BITS_CAUSE_TARGET_MALFORMED bad percent escape
 *   BITS_CAUSE_TARGET_DOTS      a . or .. segment
 *   BITS_CAUSE_TARGET_CHARACTER an escaped slash, a backslash or a control byte
 *   BITS_CAUSE_TARGET_TOO_LONG  a segment over 255 bytes
 * The first refused segment decides between the last three.  After a failure
 * name is an empty string. */
BITS_API enum bits_cause bits_target_name(struct bits_text raw, char *name,
                                          size_t size);

/* What is wrong with a segment. */
struct bits_target_fault {
    size_t size;          /* of the segment, decoded; 0: no fault */
    bool has_byte;        /* the segment has a forbidden byte */
    unsigned char byte;   /* the first forbidden byte */
    uint64_t reserved[4]; /* 0 */
};

/* Finds the segment for which bits_target_name() returned TARGET_CHARACTER or
 * TARGET_TOO_LONG. */
BITS_API void bits_target_find_fault(struct bits_text raw,
                                     struct bits_target_fault *ret_fault);

#ifdef __cplusplus
}
#endif

#endif
