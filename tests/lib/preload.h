/*
 * tests/lib/preload.h: what libraries that stand before the C library
 * (LD_PRELOAD) have in common.
 */
#ifndef TESTS_LIB_PRELOAD_H
#define TESTS_LIB_PRELOAD_H

#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The function behind this one.  Built for 64-bit offsets, so some are called
 * by another symbol. */
#define REAL(name, symbol)                                                     \
    static __typeof__(&(name)) real;                                           \
    if (!real) {                                                               \
        *(void **)&real = dlsym(RTLD_NEXT, symbol);                            \
    }

/* The file named by the variable, shared with the test that writes orders into
 * it; NULL: there is none.  The library may stand before open(), too. */
static inline void *preload_orders(const char *variable, size_t size)
{
    const char *path = getenv(variable);
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC)
                  : -1;
    void *map = MAP_FAILED;

    if (fd >= 0) {
        map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void)close(fd);
    }
    return map == MAP_FAILED ? NULL : map;
}

#endif
