/*
 * http1_guard.h: memory that ends where a page without any rights begins, so
 * that reading one byte too far is a crash in every build.
 */
#ifndef TESTS_HTTP1_GUARD_H
#define TESTS_HTTP1_GUARD_H

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openbits/text.h>

#define GUARD_ROOM ((size_t)1 << 18)

struct guard {
    char *base;
};

static inline struct guard guard_open(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guard guard;
    int r;

    guard.base = mmap(NULL, GUARD_ROOM + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(guard.base != MAP_FAILED);
    r = mprotect(guard.base + GUARD_ROOM, page, PROT_NONE);
    assert(r == 0);
    (void)r; /* used by the assert only */
    return guard;
}

static inline void guard_close(struct guard *guard)
{
    (void)munmap(guard->base, GUARD_ROOM + (size_t)sysconf(_SC_PAGESIZE));
}

/* A copy of the text whose last byte is the last one before the page; the
 * copy before it is gone. */
static inline struct bits_text guard_place(const struct guard *guard,
                                           struct bits_text text)
{
    char *copy = guard->base + GUARD_ROOM - text.len;

    assert(text.len <= GUARD_ROOM);
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return (struct bits_text){copy, text.len};
}

#endif
