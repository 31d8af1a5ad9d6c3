/*
 * tests/lib/gates.c: stands between bitsd and the C library (LD_PRELOAD) and
 * holds up, or fails, what a test says.
 *
 * The test maps the file named by GATES and writes into struct orders;
 * gates.py knows its layout.  No memory calls stand here, so that it goes
 * together with the sanitizers.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "preload.h"

enum gate {
    GATE_DATA,  /* fdatasync of a staged file */
    GATE_INDEX, /* fdatasync or fsync of the index's files */
    GATE_STAT,  /* fstat of a staged file, or of one called held.bin */
    GATE_MOVE,  /* renameat2, which delivers */
    GATE_COUNT
};

struct orders {
    _Atomic uint32_t closed[GATE_COUNT];
    _Atomic uint32_t held[GATE_COUNT]; /* calls that wait; counted here */
    _Atomic int32_t data_error;        /* what fdatasync fails with; 0: not */
    _Atomic int32_t splice_error;
    _Atomic uint32_t splices; /* that failed; counted here */
    uint32_t unused;
    _Atomic int64_t ahead_s; /* of the wall clock and that since the start */
    _Atomic int64_t timers_ahead_s; /* of the clock that libuv's timers have */
};

static struct orders idle;
static struct orders *_Atomic orders = &idle;

__attribute__((constructor)) static void take_orders(void)
{
    struct orders *given = preload_orders("GATES", sizeof(struct orders));

    if (given) {
        orders = given;
    }
}

static void pass(enum gate gate)
{
    int error = errno;

    orders->held[gate]++;
    while (orders->closed[gate]) {
        (void)usleep(1000);
    }
    orders->held[gate]--;
    errno = error;
}

/* Is it the session's file in "/.bitsd/ab/", or has its path this in it? */
static bool is_file(int fd, const char *part)
{
    char link[64];
    char path[512];
    const char *staged;
    int error = errno;
    ssize_t len;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    errno = error;
    path[len > 0 ? len : 0] = '\0';
    if (part) {
        return strstr(path, part);
    }
    staged = strstr(path, "/.bitsd/");
    return staged && strlen(staged) > strlen("/.bitsd/ab/") &&
           strchr(staged, '-');
}

EXPORT int fdatasync(int fd)
{
    REAL(fdatasync, "fdatasync");
    if (is_file(fd, "/index.db")) {
        pass(GATE_INDEX);
    } else if (is_file(fd, NULL)) {
        pass(GATE_DATA);
        if (orders->data_error) {
            errno = orders->data_error;
            return -1;
        }
    }
    return real(fd);
}

EXPORT int fsync(int fd)
{
    REAL(fsync, "fsync");
    if (is_file(fd, "/index.db")) {
        pass(GATE_INDEX);
    }
    return real(fd);
}

EXPORT int fstat(int fd, struct stat *info)
{
    REAL(fstat, "fstat64");
    if (orders->closed[GATE_STAT] &&
        (is_file(fd, NULL) || is_file(fd, "/held.bin"))) {
        pass(GATE_STAT);
    }
    return real(fd, info);
}

EXPORT int renameat2(int from, const char *old, int to, const char *new,
                     unsigned flags)
{
    REAL(renameat2, "renameat2");
    pass(GATE_MOVE);
    return real(from, old, to, new, flags);
}

EXPORT ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at,
                      size_t size, unsigned flags)
{
    REAL(splice, "splice");
    if (orders->splice_error) {
        orders->splices++;
        errno = orders->splice_error;
        return -1;
    }
    return real(in, in_at, out, out_at, size, flags);
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
    REAL(clock_gettime, "clock_gettime");
    int r = real(clock, now);

    if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME)) {
        now->tv_sec += orders->ahead_s;
    } else if (r == 0 &&
               (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE)) {
        now->tv_sec += orders->timers_ahead_s;
    }
    return r;
}
