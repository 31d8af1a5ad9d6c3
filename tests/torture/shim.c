/*
 * tests/torture/shim.c: stands between bitsd and the C library (LD_PRELOAD)
 * and spoils calls when it is told to.
 *
 * The one who tortures maps the file named by TORTURE_SHIM and writes into
 * struct orders; shim.py knows its layout.  Only calls on files and folders
 * count, never the log or a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "preload.h"

enum call {
    CALL_WRITE,
    CALL_SYNC,
    CALL_RENAME,
    CALL_OPEN,
    CALL_FALLOCATE,
    CALL_TRUNCATE,
    CALL_UNLINK,
    CALL_MKDIR,
    CALL_STAT,
    CALL_SEEK,
    CALL_READ,
    CALL_MEMORY,
};

/* Written by the torturer and, but for the last ones, counted here. */
struct orders {
    _Atomic uint32_t calls; /* a bit for each enum call that counts */
    _Atomic int32_t after;  /* calls that are spared; -1: all are */
    _Atomic uint32_t times; /* how many are spoiled then, one after another */
    _Atomic int32_t error;  /* what they fail with; 0: a write is short */
    _Atomic uint32_t fired; /* how many were spoiled */
    _Atomic uint32_t sync_delay_us;
    _Atomic int64_t clock_shift_s; /* of the wall clock */
};

static struct orders idle = {.after = -1};
static struct orders *_Atomic orders = &idle;

__attribute__((constructor)) static void take_orders(void)
{
    struct orders *given =
        preload_orders("TORTURE_SHIM", sizeof(struct orders));

    if (given) {
        orders = given;
    }
}

/* The errno to fail with, 0 for a short write, -1: leave the call alone. */
static int verdict(enum call call)
{
    int32_t before;

    if (!(orders->calls & (1u << call)) || orders->after < 0) {
        return -1;
    }
    before = atomic_fetch_sub(&orders->after, 1);
    if (before != 0) {
        return -1; /* spared, or another thread's was the last */
    }
    orders->fired++;
    if (atomic_fetch_sub(&orders->times, 1) > 1) {
        orders->after = 0;
    }
    return orders->error;
}

static bool fails(enum call call)
{
    int error = verdict(call);

    if (error > 0) {
        errno = error;
    }
    return error > 0;
}

static bool is_file(int fd)
{
    REAL(fstat, "fstat64");
    struct stat info;

    return real(fd, &info) == 0 &&
           (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode));
}

/* --- bytes --- */

/* True: the write fails.  Else *size is how much of it is let through. */
static bool spoil_write(int fd, size_t *size)
{
    int error = is_file(fd) ? verdict(CALL_WRITE) : -1;

    if (error > 0) {
        errno = error;
        return true;
    }
    if (error == 0 && *size > 1) {
        *size /= 2;
    }
    return false;
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    REAL(pwrite, "pwrite64");
    return spoil_write(fd, &size) ? -1 : real(fd, data, size, offset);
}

EXPORT ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write, "write");
    return spoil_write(fd, &size) ? -1 : real(fd, data, size);
}

EXPORT ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at,
                      size_t size, unsigned flags)
{
    REAL(splice, "splice");
    return spoil_write(out, &size) ? -1
                                   : real(in, in_at, out, out_at, size, flags);
}

EXPORT ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
    REAL(pread, "pread64");
    return fails(CALL_READ) ? -1 : real(fd, data, size, offset);
}

/* --- syncing --- */

static bool spoil_sync(void)
{
    if (orders->sync_delay_us) {
        (void)usleep(orders->sync_delay_us);
    }
    return fails(CALL_SYNC);
}

EXPORT int fsync(int fd)
{
    REAL(fsync, "fsync");
    return spoil_sync() ? -1 : real(fd);
}

EXPORT int fdatasync(int fd)
{
    REAL(fdatasync, "fdatasync");
    return spoil_sync() ? -1 : real(fd);
}

/* --- names --- */

EXPORT int renameat2(int from, const char *old, int to, const char *new,
                     unsigned flags)
{
    REAL(renameat2, "renameat2");
    return fails(CALL_RENAME) ? -1 : real(from, old, to, new, flags);
}

EXPORT int unlinkat(int folder, const char *path, int flags)
{
    REAL(unlinkat, "unlinkat");
    return fails(CALL_UNLINK) ? -1 : real(folder, path, flags);
}

EXPORT int unlink(const char *path)
{
    REAL(unlink, "unlink");
    return fails(CALL_UNLINK) ? -1 : real(path);
}

EXPORT int mkdirat(int folder, const char *path, mode_t mode)
{
    REAL(mkdirat, "mkdirat");
    return fails(CALL_MKDIR) ? -1 : real(folder, path, mode);
}

static mode_t mode_of(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

EXPORT int openat(int folder, const char *path, int flags, ...)
{
    REAL(openat, "openat64");
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails(CALL_OPEN) ? -1 : real(folder, path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
    REAL(open, "open64");
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails(CALL_OPEN) ? -1 : real(path, flags, mode);
}

/* openat2 has no function in the C library. */
EXPORT long syscall(long number, ...)
{
    REAL(syscall, "syscall");
    va_list arguments;
    long words[6];

    va_start(arguments, number);
    for (int i = 0; i < 6; i++) {
        words[i] = va_arg(arguments, long);
    }
    va_end(arguments);
    if (number == SYS_openat2 && fails(CALL_OPEN)) {
        return -1;
    }
    return real(number, words[0], words[1], words[2], words[3], words[4],
                words[5]);
}

/* --- lengths --- */

EXPORT int ftruncate(int fd, off_t length)
{
    REAL(ftruncate, "ftruncate64");
    return fails(CALL_TRUNCATE) ? -1 : real(fd, length);
}

EXPORT int fallocate(int fd, int mode, off_t offset, off_t length)
{
    REAL(fallocate, "fallocate64");
    return fails(CALL_FALLOCATE) ? -1 : real(fd, mode, offset, length);
}

EXPORT off_t lseek(int fd, off_t offset, int whence)
{
    REAL(lseek, "lseek64");
    return fails(CALL_SEEK) ? -1 : real(fd, offset, whence);
}

EXPORT int fstat(int fd, struct stat *info)
{
    REAL(fstat, "fstat64");
    return fails(CALL_STAT) ? -1 : real(fd, info);
}

/* --- memory: glibc's own names need no dlsym(), which allocates --- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

EXPORT void *malloc(size_t size)
{
    return fails(CALL_MEMORY) ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    return fails(CALL_MEMORY) ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    return fails(CALL_MEMORY) ? NULL : __libc_realloc(old, size);
}

/* --- the wall clock --- */

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
    REAL(clock_gettime, "clock_gettime");
    int r = real(clock, now);

    if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += orders->clock_shift_s;
    }
    return r;
}

EXPORT int gettimeofday(struct timeval *now, void *zone)
{
    REAL(gettimeofday, "gettimeofday");
    int r = real(now, zone);

    if (r == 0) {
        now->tv_sec += orders->clock_shift_s;
    }
    return r;
}

EXPORT time_t time(time_t *ret_now)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret_now) {
        *ret_now = now.tv_sec;
    }
    return now.tv_sec;
}
