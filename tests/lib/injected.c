/*
 * tests/lib/injected.c: the functions of the C library that the injector
 * spoils; see injector.h.
 */
#include "injected.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The function behind this one.  Built for 64-bit offsets, so some are called
 * by another symbol.  Since glibc 2.34 dlsym() needs no memory. */
#define REAL(name, symbol)                                                     \
    static __typeof__(&(name)) real;                                           \
    if (!real) {                                                               \
        *(void **)&real = dlsym(RTLD_NEXT, symbol);                            \
    }

static bool fails(enum call call, int fd, const char *name)
{
    int error = judge(call, fd, name).error;

    if (error) {
        errno = error;
    }
    return error;
}

/* True: the write fails.  Else *size is how much of it is let through. */
static bool write_fails(enum call call, int fd, size_t *size)
{
    struct verdict verdict = judge(call, fd, NULL);

    if (verdict.error) {
        errno = verdict.error;
        return true;
    }
    if (verdict.torn && *size > 1) {
        *size /= 2;
    }
    return false;
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    REAL(pwrite, "pwrite64");
    return write_fails(CALL_WRITE, fd, &size) ? -1
                                              : real(fd, data, size, offset);
}

EXPORT ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write, "write");
    return write_fails(CALL_WRITE, fd, &size) ? -1 : real(fd, data, size);
}

EXPORT ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at,
                      size_t size, unsigned flags)
{
    REAL(splice, "splice");
    return write_fails(CALL_SPLICE, out, &size)
               ? -1
               : real(in, in_at, out, out_at, size, flags);
}

EXPORT ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
    REAL(pread, "pread64");
    return fails(CALL_READ, fd, NULL) ? -1 : real(fd, data, size, offset);
}

EXPORT int fsync(int fd)
{
    REAL(fsync, "fsync");
    return fails(CALL_SYNC, fd, NULL) ? -1 : real(fd);
}

EXPORT int fdatasync(int fd)
{
    REAL(fdatasync, "fdatasync");
    return fails(CALL_SYNC, fd, NULL) ? -1 : real(fd);
}

EXPORT int renameat2(int from, const char *old, int to, const char *new,
                     unsigned flags)
{
    REAL(renameat2, "renameat2");
    return fails(CALL_RENAME, from, old) ? -1 : real(from, old, to, new, flags);
}

EXPORT int unlinkat(int folder, const char *path, int flags)
{
    REAL(unlinkat, "unlinkat");
    return fails(CALL_UNLINK, folder, path) ? -1 : real(folder, path, flags);
}

EXPORT int unlink(const char *path)
{
    REAL(unlink, "unlink");
    return fails(CALL_UNLINK, NO_FD, path) ? -1 : real(path);
}

EXPORT int mkdirat(int folder, const char *path, mode_t mode)
{
    REAL(mkdirat, "mkdirat");
    return fails(CALL_MKDIR, folder, path) ? -1 : real(folder, path, mode);
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
    return fails(CALL_OPEN, folder, path) ? -1
                                          : real(folder, path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
    REAL(open, "open64");
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails(CALL_OPEN, NO_FD, path) ? -1 : real(path, flags, mode);
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
    if (number == SYS_openat2 &&
        fails(CALL_OPEN, (int)words[0], (const char *)words[1])) {
        return -1;
    }
    return real(number, words[0], words[1], words[2], words[3], words[4],
                words[5]);
}

EXPORT int ftruncate(int fd, off_t length)
{
    REAL(ftruncate, "ftruncate64");
    return fails(CALL_TRUNCATE, fd, NULL) ? -1 : real(fd, length);
}

EXPORT int fallocate(int fd, int mode, off_t offset, off_t length)
{
    REAL(fallocate, "fallocate64");
    return fails(CALL_FALLOCATE, fd, NULL) ? -1
                                           : real(fd, mode, offset, length);
}

EXPORT off_t lseek(int fd, off_t offset, int whence)
{
    REAL(lseek, "lseek64");
    return fails(CALL_SEEK, fd, NULL) ? -1 : real(fd, offset, whence);
}

EXPORT int fstat(int fd, struct stat *info)
{
    REAL(fstat, "fstat64");
    return fails(CALL_FSTAT, fd, NULL) ? -1 : real(fd, info);
}

EXPORT int fstatat(int folder, const char *name, struct stat *info, int flags)
{
    REAL(fstatat, "fstatat64");
    return fails(CALL_FSTATAT, folder, name) ? -1
                                             : real(folder, name, info, flags);
}

/* What free() stands for is behind these, too: a sanitizer's, or glibc's. */

EXPORT void *malloc(size_t size)
{
    REAL(malloc, "malloc");
    return fails(CALL_MEMORY, NO_FD, NULL) ? NULL : real(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    REAL(calloc, "calloc");
    return fails(CALL_MEMORY, NO_FD, NULL) ? NULL : real(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    REAL(realloc, "realloc");
    return fails(CALL_MEMORY, NO_FD, NULL) ? NULL : real(old, size);
}

static const char *clock_name(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        return "wall";
    case CLOCK_BOOTTIME:
        return "boot";
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
        return "timers";
    default:
        return "";
    }
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
    REAL(clock_gettime, "clock_gettime");
    int r = real(clock, now);

    if (r == 0) {
        now->tv_sec += judge(CALL_CLOCK, NO_FD, clock_name(clock)).lie;
    }
    return r;
}

EXPORT int gettimeofday(struct timeval *now, void *zone)
{
    REAL(gettimeofday, "gettimeofday");
    int r = real(now, zone);

    if (r == 0) {
        now->tv_sec += judge(CALL_CLOCK, NO_FD, "wall").lie;
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
