/*
 * tests/contract/faults.h: a disk that fails, or takes its time, when a test
 * says so.
 *
 * faults.c's fdatasync(), fsync(), renameat2(), unlinkat(), lseek() and
 * fstatat() stand before those of the C library in every program that it is
 * linked into, for SQLite too.  They note what they are called for.
 */
#ifndef TESTS_CONTRACT_FAULTS_H
#define TESTS_CONTRACT_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

enum call {
    CALL_SYNC_DATA,    /* fdatasync of a staged file */
    CALL_SYNC_STAGING, /* fsync of a folder of staged files */
    CALL_SYNC_TARGET,  /* fsync of any other folder */
    CALL_COMMIT,       /* any sync of the index's files */
    CALL_RENAME,
    CALL_UNLINK,
    CALL_LOOK, /* lseek: through a file for its first hole */
    CALL_STAT, /* fstatat of a staged file */
    CALL_COUNT
};

/* Everything works, nothing is held, no call is known. */
void faults_start(void);

/* The next call of the kind fails with this errno; one that is held fails
 * when it is let go. */
void fail_next(enum call call, int error);

/* All calls of the kind fail with this errno; 0: no more. */
void fail_all(enum call call, int error);

/* The next call of the kind waits until it is let go. */
void hold_next(enum call call);
void wait_until_held(enum call call);
void let_go(enum call call);

/* --- the calls since then --- */

void forget_calls(void);
size_t count_calls(enum call call);

/* Where the first, or the last, call of the kind stands; it must be there. */
size_t first_call(enum call call);
size_t last_call(enum call call);

#endif
