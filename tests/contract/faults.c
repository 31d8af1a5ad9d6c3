/*
 * tests/contract/faults.c: see faults.h.
 */
#include "world.h"

#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <uv.h>

/* The shared libraries must find these functions, too. */
#define STANDS_BEFORE __attribute__((visibility("default")))

static uv_once_t once = UV_ONCE_INIT;
static uv_mutex_t mutex; /* guards what follows */
static enum call calls[256];
static size_t call_count;
static int faults[CALL_COUNT];    /* errno of the next call; 0: it works */
static bool lasting[CALL_COUNT];  /* and of those after it */
static bool to_hold[CALL_COUNT];  /* the next call */
static uv_sem_t held[CALL_COUNT]; /* a call waits */
static uv_sem_t go[CALL_COUNT];   /* and may go on */

static void prepare(void)
{
    bool good = uv_mutex_init(&mutex) == 0;

    for (size_t i = 0; i < CALL_COUNT; i++) {
        good = good && uv_sem_init(&held[i], 0) == 0 &&
               uv_sem_init(&go[i], 0) == 0;
    }
    assert_true(good);
}

static void lock(void)
{
    uv_once(&once, prepare);
    uv_mutex_lock(&mutex);
}

/* Notes the call, and is held up if it shall be.  The errno that the call
 * fails with, or 0. */
static int note(enum call call)
{
    bool hold;
    int error;

    lock();
    if (call_count < sizeof(calls) / sizeof(calls[0])) {
        calls[call_count++] = call;
    }
    hold = to_hold[call];
    to_hold[call] = false;
    uv_mutex_unlock(&mutex);
    if (hold) {
        uv_sem_post(&held[call]);
        uv_sem_wait(&go[call]);
    }
    lock();
    error = faults[call];
    if (!lasting[call]) {
        faults[call] = 0;
    }
    uv_mutex_unlock(&mutex);
    return error;
}

void faults_start(void)
{
    lock();
    memset(faults, 0, sizeof(faults));
    memset(lasting, 0, sizeof(lasting));
    memset(to_hold, 0, sizeof(to_hold));
    call_count = 0;
    uv_mutex_unlock(&mutex);
}

void fail_next(enum call call, int error)
{
    lock();
    faults[call] = error;
    lasting[call] = false;
    uv_mutex_unlock(&mutex);
}

void fail_all(enum call call, int error)
{
    lock();
    faults[call] = error;
    lasting[call] = error != 0;
    uv_mutex_unlock(&mutex);
}

void hold_next(enum call call)
{
    lock();
    to_hold[call] = true;
    uv_mutex_unlock(&mutex);
}

void wait_until_held(enum call call)
{
    uv_sem_wait(&held[call]);
}

void let_go(enum call call)
{
    uv_sem_post(&go[call]);
}

void forget_calls(void)
{
    lock();
    call_count = 0;
    uv_mutex_unlock(&mutex);
}

size_t count_calls(enum call call)
{
    size_t count = 0;

    lock();
    for (size_t i = 0; i < call_count; i++) {
        count += calls[i] == call;
    }
    uv_mutex_unlock(&mutex);
    return count;
}

size_t first_call(enum call call)
{
    size_t i = 0;

    lock();
    while (i < call_count && calls[i] != call) {
        i++;
    }
    uv_mutex_unlock(&mutex);
    assert_true(i < call_count);
    return i;
}

size_t last_call(enum call call)
{
    size_t i;

    lock();
    i = call_count;
    while (i > 0 && calls[i - 1] != call) {
        i--;
    }
    uv_mutex_unlock(&mutex);
    assert_true(i > 0);
    return i - 1;
}

static enum call call_of(int fd)
{
    char link[64];
    char path[512];
    ssize_t len;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    if (strstr(path, "/index.db") || strstr(path, "/state")) {
        return CALL_COMMIT;
    }
    if (!strstr(path, "/.bitsd")) {
        return CALL_SYNC_TARGET;
    }
    return strlen(strstr(path, "/.bitsd")) > strlen("/.bitsd/00")
               ? CALL_SYNC_DATA
               : CALL_SYNC_STAGING;
}

static int sync_call(int fd, long number)
{
    int error = note(call_of(fd));

    if (error) {
        errno = error;
        return -1;
    }
    return (int)syscall(number, fd);
}

STANDS_BEFORE int fdatasync(int fd)
{
    return sync_call(fd, SYS_fdatasync);
}

STANDS_BEFORE int fsync(int fd)
{
    return sync_call(fd, SYS_fsync);
}

STANDS_BEFORE int renameat2(int old_folder, const char *old_name,
                            int new_folder, const char *new_name,
                            unsigned flags)
{
    int error = note(CALL_RENAME);

    if (error) {
        errno = error;
        return -1;
    }
    return (int)syscall(SYS_renameat2, old_folder, old_name, new_folder,
                        new_name, flags);
}

STANDS_BEFORE int unlinkat(int folder, const char *name, int flags)
{
    int error = note(CALL_UNLINK);

    if (error) {
        errno = error;
        return -1;
    }
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

/* The name that file.c gets with offsets of 64 bits. */
STANDS_BEFORE off64_t lseek64(int fd, off64_t offset, int whence)
{
    int error = whence == SEEK_HOLE ? note(CALL_LOOK) : 0;

    if (error) {
        errno = error;
        return -1;
    }
    return (off64_t)syscall(SYS_lseek, fd, offset, whence);
}

/* A folder of staged files has a name of two digits. */
static bool is_staged_name(const char *name)
{
    return strlen(name) > 3 && name[2] == '/';
}

STANDS_BEFORE int fstatat64(int folder, const char *name, struct stat64 *info,
                            int flags)
{
    int error = is_staged_name(name) ? note(CALL_STAT) : 0;

    if (error) {
        errno = error;
        return -1;
    }
    return (int)syscall(SYS_newfstatat, folder, name, info, flags);
}
