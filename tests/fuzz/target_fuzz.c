/*
 * target_fuzz.c: whatever a target says, a name that is accepted stays below
 * the root, and encoding it again leads to the same name.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openbits/target.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer inputs say nothing new. */
#define SIZE_LIMIT 2048

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

static void check_segment(const char *segment, size_t size)
{
    require(size > 0 && size <= BITS_SEGMENT_MAX);
    require(!(size == 1 && segment[0] == '.'));
    require(!(size == 2 && segment[0] == '.' && segment[1] == '.'));
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)segment[i];

        require(byte >= 0x20 && byte != 0x7f && byte != '\\');
    }
}

static void check_name(const char *name)
{
    const char *slash;

    while ((slash = strchr(name, '/')) != NULL) {
        check_segment(name, (size_t)(slash - name));
        name = slash + 1;
    }
    check_segment(name, strlen(name));
}

/* Every byte but the slashes as an escape. */
static void check_round_trip(const char *name)
{
    static const char hex[] = "0123456789abcdef";
    char raw[3 * SIZE_LIMIT];
    char again[3 * SIZE_LIMIT + 1];
    size_t size = 0;

    for (size_t i = 0; name[i]; i++) {
        unsigned char byte = (unsigned char)name[i];

        if (byte == '/') {
            raw[size++] = '/';
            continue;
        }
        raw[size++] = '%';
        raw[size++] = hex[byte >> 4];
        raw[size++] = hex[byte & 15];
    }
    require(bits_target_name((struct bits_text){raw, size}, again,
                             sizeof(again)) == BITS_CAUSE_OK);
    require(strcmp(name, again) == 0);
}

/* D-53: the same answer without the empty segments. */
static void check_canonical(struct bits_text rest, enum bits_cause cause,
                            const char *name)
{
    char raw[SIZE_LIMIT];
    char again[SIZE_LIMIT + 1];
    size_t size = 0;

    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] != '/' || (size > 0 && raw[size - 1] != '/')) {
            raw[size++] = rest.ptr[i];
        }
    }
    require(bits_target_name((struct bits_text){raw, size}, again,
                             sizeof(again)) == cause);
    require(strcmp(name, again) == 0);
}

/* The fault explains the cause. */
static void check_fault(struct bits_text rest, enum bits_cause cause)
{
    struct bits_target_fault fault;

    bits_target_find_fault(rest, &fault);
    if (cause == BITS_CAUSE_TARGET_TOO_LONG) {
        require(fault.size > 0);
    } else if (cause == BITS_CAUSE_TARGET_CHARACTER) {
        require(fault.has_byte && fault.size <= BITS_SEGMENT_MAX);
    }
}

static void check_rest(struct bits_text rest)
{
    char *name = malloc(rest.len + 1); /* so that ASan sees one byte too many */
    enum bits_cause cause;

    require(name != NULL);
    cause = bits_target_name(rest, name, rest.len + 1);
    if (cause == BITS_CAUSE_OK) {
        check_name(name);
        check_round_trip(name);
    } else {
        require(cause == BITS_CAUSE_TARGET_IS_FOLDER ||
                cause == BITS_CAUSE_TARGET_MALFORMED ||
                cause == BITS_CAUSE_TARGET_DOTS ||
                cause == BITS_CAUSE_TARGET_CHARACTER ||
                cause == BITS_CAUSE_TARGET_TOO_LONG);
        check_fault(rest, cause);
        require(name[0] == '\0');
    }
    check_canonical(rest, cause, name);
    free(name);
}

static void check_target(struct bits_text text,
                         const struct bits_target *target)
{
    size_t parts = target->path.len + target->query.len +
                   (target->has_query ? 1 : 0) + target->scheme.len +
                   (target->scheme.len > 0 ? 3 : 0) + target->authority.len;
    bool in_text =
        target->path.ptr >= text.ptr && target->path.ptr < text.ptr + text.len;

    require(target->path.len > 0 && target->path.ptr[0] == '/');
    require((target->scheme.len > 0) == (target->authority.len > 0));
    require(parts ==
            text.len + (in_text ? 0 : 1)); /* a "/" that was left out */
    require(!memchr(target->path.ptr, '?', target->path.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bits_text prefixes[] = {
        {"/", 1},
        {"/up", 3},
        {"/up/a", 5},
        {"/my up", 6},
    };
    struct bits_text text = {(const char *)data, size};
    struct bits_target target;

    if (size > SIZE_LIMIT || !bits_target_parse(text, &target)) {
        return 0;
    }
    check_target(text, &target);
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        struct bits_text rest;

        if (bits_target_below(target.path, prefixes[i], &rest)) {
            require(rest.len < target.path.len);
            check_rest(rest);
        } else {
            require(i > 0); /* everything is below "/" */
        }
    }
    return 0;
}
