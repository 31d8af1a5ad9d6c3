/*
 * config/store_as.c: see store_as.h.
 *
 * Two users must not get the same folder, so nothing of a client's choice
 * stands beside {user} in a segment: "a-b" could be user a with b, or user a-b.
 */
#include "config/store_as.h"

#include <string.h>

#include "base/text.h"

static const struct {
    struct bits_text word;
    enum store_as_kind kind;
} placeholders[] = {
    {TEXT_INIT("{path}"), STORE_AS_PATH},
    {TEXT_INIT("{name}"), STORE_AS_NAME},
    {TEXT_INIT("{user}"), STORE_AS_USER},
    {TEXT_INIT("{peer}"), STORE_AS_PEER},
    {TEXT_INIT("{date}"), STORE_AS_DATE},
    {TEXT_INIT("{handle}"), STORE_AS_HANDLE},
};

static bool has_prefix(struct bits_text text, struct bits_text prefix)
{
    return text.len >= prefix.len &&
           memcmp(text.ptr, prefix.ptr, prefix.len) == 0;
}

static void drop(struct bits_text *text, size_t size)
{
    text->ptr += size;
    text->len -= size;
}

static bool take_placeholder(struct bits_text *text,
                             struct store_as_piece *ret_piece)
{
    for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]);
         i++) {
        if (has_prefix(*text, placeholders[i].word)) {
            *ret_piece = (struct store_as_piece){.kind = placeholders[i].kind};
            drop(text, placeholders[i].word.len);
            return true;
        }
    }
    return false;
}

bool store_as_next(struct bits_text *store_as, struct store_as_piece *ret_piece)
{
    struct bits_text taken = {store_as->ptr, 0};

    if (take_placeholder(store_as, ret_piece)) {
        return true;
    }
    while (taken.len < store_as->len && !strchr("{}", taken.ptr[taken.len])) {
        taken.len++;
    }
    *ret_piece = (struct store_as_piece){STORE_AS_TEXT, taken};
    drop(store_as, taken.len);
    return taken.len > 0;
}

/* --- validity ------------------------------------------------------------- */

static const char *segment_fault(struct bits_text segment, bool is_last)
{
    size_t counts[STORE_AS_HANDLE + 1] = {0};
    size_t pieces = 0;
    struct bits_text rest = segment;
    struct store_as_piece piece;

    while (store_as_next(&rest, &piece)) {
        counts[piece.kind]++;
        pieces++;
    }
    if (rest.len > 0) {
        return "has a brace that belongs to no placeholder; write {path}, "
               "{name}, {user}, {peer}, {date} or {handle}";
    }
    if (segment.len == 0 || text_equal(segment, TEXT(".")) ||
        text_equal(segment, TEXT(".."))) {
        return "is not a path below root; write it without empty parts, . and "
               "..";
    }
    if (counts[STORE_AS_PATH] > 0 && (pieces > 1 || !is_last)) {
        return "has {path} in the middle; put it behind the last slash";
    }
    if (counts[STORE_AS_USER] > 0 &&
        counts[STORE_AS_USER] + counts[STORE_AS_NAME] + counts[STORE_AS_PEER] >
            1) {
        return "could give two users one name; put a slash between {user} and "
               "the other placeholder";
    }
    return NULL;
}

static bool has_wrong_byte(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f || *text == '\\') {
            return true;
        }
    }
    return false;
}

const char *store_as_fault(const char *store_as)
{
    struct bits_text rest = text_of(store_as);
    struct bits_text segment;
    const char *fault = NULL;

    if (has_wrong_byte(store_as)) {
        return "has a backslash or a control character; write it without";
    }
    while (!fault && text_take_until(&rest, '/', &segment)) {
        fault = segment_fault(segment, /* is_last= */ false);
    }
    return fault ? fault : segment_fault(rest, /* is_last= */ true);
}

/* --- content -------------------------------------------------------------- */

bool store_as_has(const char *store_as, enum store_as_kind kind)
{
    struct bits_text rest = text_of(store_as);
    struct store_as_piece piece;

    while (store_as_next(&rest, &piece)) {
        if (piece.kind == kind) {
            return true;
        }
    }
    return false;
}

size_t store_as_folders(const char *store_as)
{
    size_t count = 0;

    for (; *store_as; store_as++) {
        count += *store_as == '/';
    }
    return count;
}
