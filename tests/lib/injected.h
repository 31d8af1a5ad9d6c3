/*
 * tests/lib/injected.h: what injected.c asks injector.c about each call.
 */
#ifndef TESTS_LIB_INJECTED_H
#define TESTS_LIB_INJECTED_H

#include <stdbool.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define NO_FD (-1)

enum call {
    CALL_WRITE,
    CALL_SPLICE,
    CALL_READ,
    CALL_SYNC,
    CALL_RENAME,
    CALL_OPEN,
    CALL_FALLOCATE,
    CALL_TRUNCATE,
    CALL_UNLINK,
    CALL_MKDIR,
    CALL_FSTAT,
    CALL_FSTATAT,
    CALL_SEEK,
    CALL_MEMORY,
    CALL_CLOCK,
};

struct verdict {
    int error; /* to fail with; 0: none */
    bool torn;
    int64_t lie;
};

/* Counts the call, and waits where a rule says so.  The file is a descriptor,
 * or a name in the descriptor's folder; a clock has a name only. */
struct verdict judge(enum call call, int fd, const char *name);

#endif
