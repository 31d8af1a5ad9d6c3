/*
 * http1_ways.h: parses one input whole, byte by byte, and cut at every place,
 * and insists that the way makes no difference.  Every piece ends at a page
 * without rights.
 */
#ifndef TESTS_HTTP1_WAYS_H
#define TESTS_HTTP1_WAYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "http1/head.h"
#include "http1_guard.h"

struct verdict {
    enum http1_result result;
    struct http1_head head;       /* DONE */
    size_t used;                  /* DONE */
    struct http1_offence offence; /* REFUSED */
};

static inline struct verdict ways_parse(struct bits_text text, size_t scanned)
{
    struct verdict verdict = {0};

    verdict.result = http1_head_parse(text, scanned, &verdict.head,
                                      &verdict.used, &verdict.offence);
    return verdict;
}

static inline bool ways_same_head(const struct http1_head *a,
                                  const struct http1_head *b)
{
    return text_equal(a->method, b->method) &&
           text_equal(a->target, b->target) && a->minor == b->minor &&
           text_equal(a->fields, b->fields) && text_equal(a->host, b->host) &&
           a->framing == b->framing && a->content_length == b->content_length &&
           a->keep_alive == b->keep_alive &&
           a->expect_continue == b->expect_continue;
}

static inline const char *ways_reason(const struct verdict *verdict)
{
    return verdict->offence.reason ? verdict->offence.reason : "-";
}

static inline void ways_expect_same(const char *name, size_t cut,
                                    const struct verdict *a,
                                    const struct verdict *b)
{
    if (a->result != b->result || a->used != b->used ||
        a->offence.status != b->offence.status ||
        strcmp(ways_reason(a), ways_reason(b)) != 0 ||
        !ways_same_head(&a->head, &b->head)) {
        fail_msg("%s: cut at %zu: result %d (%s), whole: %d (%s)", name, cut,
                 (int)b->result, ways_reason(b), (int)a->result,
                 ways_reason(a));
    }
}

/* A head that is DONE has to be PARTIAL up to its last byte. */
static inline void ways_expect_partial(const char *name, size_t cut,
                                       const struct verdict *whole,
                                       const struct verdict *piece)
{
    if (whole->result == HTTP1_DONE && cut < whole->used &&
        piece->result != HTTP1_PARTIAL) {
        fail_msg("%s: not PARTIAL after %zu of %zu bytes: %d", name, cut,
                 whole->used, (int)piece->result);
    }
}

static inline void ways_try_bytes(const char *name, const struct guard *guard,
                                  struct bits_text text,
                                  const struct verdict *whole)
{
    struct verdict piece = {HTTP1_PARTIAL};
    size_t size = 0;

    while (piece.result == HTTP1_PARTIAL && size < text.len) {
        size_t scanned = size;

        size++;
        piece = ways_parse(
            guard_place(guard, (struct bits_text){text.ptr, size}), scanned);
        ways_expect_partial(name, size, whole, &piece);
    }
    ways_expect_same(name, size, whole, &piece);
}

static inline void ways_try_cuts(const char *name, const struct guard *guard,
                                 struct bits_text text,
                                 const struct verdict *whole)
{
    for (size_t cut = 0; cut < text.len; cut++) {
        struct verdict piece = ways_parse(
            guard_place(guard, (struct bits_text){text.ptr, cut}), 0);

        ways_expect_partial(name, cut, whole, &piece);
        if (piece.result == HTTP1_PARTIAL) {
            piece = ways_parse(guard_place(guard, text), cut);
        }
        ways_expect_same(name, cut, whole, &piece);
    }
}

/* The verdict's texts borrow from `text`. */
static inline struct verdict ways_judge(const char *name, struct bits_text text)
{
    struct guard guard = guard_open();
    struct verdict whole = ways_parse(text, 0);
    struct verdict guarded = ways_parse(guard_place(&guard, text), 0);

    ways_expect_same(name, text.len, &whole, &guarded);
    ways_try_bytes(name, &guard, text, &whole);
    ways_try_cuts(name, &guard, text, &whole);
    guard_close(&guard);
    return whole;
}

#endif
