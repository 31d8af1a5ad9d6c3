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

/* False: neither form. */
BITS_API bool bits_target_parse(struct bits_text text,
                                struct bits_target *ret_target);

/* True: the decoded leading segments of path are those of prefix (decoded,
 * starts with '/', no '/' at the end unless it is "/"); *ret_rest is the raw
 * rest behind the slash.  Empty segments of the path are skipped (D-53).  A
 * segment with a malformed escape matches none. */
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
 * The first segment that is refused decides between the last three.
 * After a failure name is an empty string. */
BITS_API enum bits_cause bits_target_name(struct bits_text raw, char *name,
                                          size_t size);

/* What is wrong with a segment. */
struct bits_target_fault {
    size_t size;          /* of the segment, decoded; 0: nothing is */
    bool has_byte;        /* there is a forbidden byte: */
    unsigned char byte;   /* the first one */
    uint64_t reserved[4]; /* 0 */
};

/* What bits_target_name() answered TARGET_CHARACTER or TARGET_TOO_LONG for. */
BITS_API void bits_target_find_fault(struct bits_text raw,
                                     struct bits_target_fault *ret_fault);

#ifdef __cplusplus
}
#endif

#endif
