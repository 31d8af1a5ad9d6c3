/*
 * protocol/target.c: request targets and the file names in them [RFC 9112 3.2;
 * MC-BUP 3.2.5.2.4].  The store decides whether a name may be written.
 */
#include <openbits/target.h>

#include <string.h>

#include "base/text.h"

/* The number of bytes before the first one that is in `set`. */
static size_t span_to(struct bits_text text, const char *set, size_t set_size)
{
    size_t size = 0;

    while (size < text.len && !memchr(set, text.ptr[size], set_size)) {
        size++;
    }
    return size;
}

static struct bits_text take(struct bits_text *text, size_t size)
{
    struct bits_text taken = {text->ptr, size};

    if (size > 0) {
        text->ptr += size; /* the pointer of an empty text may be NULL */
        text->len -= size;
    }
    return taken;
}

/* Takes "http://host" in front of a path. */
static bool take_origin(struct bits_text *text, struct bits_target *target)
{
    static const struct bits_text schemes[] = {
        {"http", 4},
        {"https", 5},
    };
    const struct bits_text colon = TEXT("://");

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        struct bits_text rest = *text;

        if (!text_has_prefix_nocase(rest, schemes[i])) {
            continue;
        }
        target->scheme = take(&rest, schemes[i].len);
        if (!text_has_prefix_nocase(rest, colon)) {
            continue;
        }
        take(&rest, colon.len);
        target->authority = take(&rest, span_to(rest, "/?", 2));
        *text = rest;
        return text_is_visible(target->authority);
    }
    return false;
}

bool bits_target_parse(struct bits_text text, struct bits_target *ret_target)
{
    struct bits_target target = {{NULL, 0}};

    if (text.len == 0 || span_to(text, "#", 1) < text.len) {
        return false;
    }
    if (text.ptr[0] != '/' && !take_origin(&text, &target)) {
        return false;
    }
    target.path = take(&text, span_to(text, "?", 1));
    if (target.path.len == 0) {
        target.path = TEXT("/");
    }
    target.has_query = text_take_char(&text, '?');
    target.query = target.has_query ? text : (struct bits_text){NULL, 0};
    *ret_target = target;
    return true;
}

/* Takes one byte of a segment, decoded.  Returns false if the escape is
 * malformed. */
static bool take_byte(struct bits_text *segment, char *ret_byte)
{
    int high;
    int low;

    if (!text_take_char(segment, '%')) {
        *ret_byte = take(segment, 1).ptr[0];
        return true;
    }
    if (segment->len < 2) {
        return false;
    }
    high = text_hex_digit(segment->ptr[0]);
    low = text_hex_digit(segment->ptr[1]);
    if (high < 0 || low < 0) {
        return false;
    }
    take(segment, 2);
    *ret_byte = (char)(high << 4 | low);
    return true;
}

/* Takes the first segment, and the slash after it if there is one. */
static struct bits_text take_segment(struct bits_text *path, bool *ret_slash)
{
    struct bits_text segment = take(path, span_to(*path, "/", 1));

    *ret_slash = text_take_char(path, '/');
    return segment;
}

/* Skips empty segments (D-53). */
static void drop_slashes(struct bits_text *path)
{
    while (text_take_char(path, '/')) {
    }
}

static bool segment_is(struct bits_text raw, struct bits_text decoded)
{
    char byte;

    while (raw.len > 0) {
        if (!take_byte(&raw, &byte) || !text_take_char(&decoded, byte)) {
            return false;
        }
    }
    return decoded.len == 0;
}

bool bits_target_below(struct bits_text path, struct bits_text prefix,
                       struct bits_text *ret_rest)
{
    bool path_slash = text_take_char(&path, '/');
    bool prefix_slash = text_take_char(&prefix, '/') && prefix.len > 0;

    while (prefix_slash) {
        struct bits_text wanted = take_segment(&prefix, &prefix_slash);

        drop_slashes(&path);
        if (!path_slash ||
            !segment_is(take_segment(&path, &path_slash), wanted)) {
            return false;
        }
    }
    *ret_rest = path;
    return true;
}

/* Bytes that a name must not contain.  A slash here comes from an escape. */
static bool byte_is_forbidden(char byte)
{
    return byte == '/' || byte == '\\' || (unsigned char)byte < 0x20 ||
           byte == 0x7f;
}

static bool is_dots(struct bits_text name)
{
    return text_equal(name, TEXT(".")) || text_equal(name, TEXT(".."));
}

/* Decodes a segment (not empty) into name and checks it. */
static enum bits_cause decode_segment(struct bits_text raw, char *name,
                                      size_t *ret_size)
{
    bool forbidden = false;
    size_t size = 0;

    while (raw.len > 0) {
        if (!take_byte(&raw, &name[size])) {
            return BITS_CAUSE_TARGET_MALFORMED;
        }
        forbidden |= byte_is_forbidden(name[size]);
        size++;
    }
    *ret_size = size;
    if (size > BITS_SEGMENT_MAX) {
        return BITS_CAUSE_TARGET_TOO_LONG;
    }
    if (forbidden) {
        return BITS_CAUSE_TARGET_CHARACTER;
    }
    return is_dots((struct bits_text){name, size}) ? BITS_CAUSE_TARGET_DOTS
                                                   : BITS_CAUSE_OK;
}

/* A malformed escape anywhere takes precedence over a forbidden name, and a
 * forbidden name over a folder. */
static enum bits_cause decode(struct bits_text raw, char *name)
{
    enum bits_cause verdict = BITS_CAUSE_OK;
    bool ends_in_slash = true;
    char *end = name;

    for (drop_slashes(&raw); raw.len > 0; drop_slashes(&raw)) {
        struct bits_text segment = take_segment(&raw, &ends_in_slash);
        size_t size;
        enum bits_cause cause;

        if (end > name) {
            *end++ = '/';
        }
        cause = decode_segment(segment, end, &size);
        if (cause == BITS_CAUSE_TARGET_MALFORMED) {
            return cause;
        }
        if (verdict == BITS_CAUSE_OK) {
            verdict = cause;
        }
        end += size;
    }
    *end = '\0';
    return verdict == BITS_CAUSE_OK && ends_in_slash
               ? BITS_CAUSE_TARGET_IS_FOLDER
               : verdict;
}

enum bits_cause bits_target_name(struct bits_text raw, char *name, size_t size)
{
    enum bits_cause cause =
        raw.len < size ? decode(raw, name) : BITS_CAUSE_INTERNAL;

    if (cause != BITS_CAUSE_OK && size > 0) {
        name[0] = '\0';
    }
    return cause;
}

/* Checks a segment whose escapes are valid.  Returns true if it has a fault. */
static bool find_fault(struct bits_text segment,
                       struct bits_target_fault *ret_fault)
{
    struct bits_target_fault fault = {.size = 0};
    char byte;

    while (segment.len > 0 && take_byte(&segment, &byte)) {
        if (!fault.has_byte && byte_is_forbidden(byte)) {
            fault.has_byte = true;
            fault.byte = (unsigned char)byte;
        }
        fault.size++;
    }
    if (fault.size <= BITS_SEGMENT_MAX && !fault.has_byte) {
        return false;
    }
    *ret_fault = fault;
    return true;
}

void bits_target_find_fault(struct bits_text raw,
                            struct bits_target_fault *ret_fault)
{
    bool slash;

    *ret_fault = (struct bits_target_fault){.size = 0};
    while (raw.len > 0 && !find_fault(take_segment(&raw, &slash), ret_fault)) {
    }
}
