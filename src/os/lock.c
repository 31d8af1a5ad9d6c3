/*
 * os/lock.c: see lock.h.
 *
 * flock(2) belongs to the open file: it ends with the process however that
 * dies, and a second one within a process is refused as well.
 */
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "os/file.h"

static long holder(int folder, const char *name)
{
    char text[32];
    uint64_t pid;

    if (os_read_text(folder, name, text, sizeof(text)) != 0 ||
        !text_to_u64(text_of(text), &pid) || pid > INT_MAX) {
        return 0;
    }
    return (long)pid;
}

int os_lock_open(int folder, const char *name, long *ret_pid)
{
    int fd =
        openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    char text[32];
    size_t written;
    int error;

    *ret_pid = 0;
    if (fd < 0) {
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        error = errno;
        *ret_pid = holder(folder, name);
        (void)close(fd);
        errno = error;
        return -1;
    }
    /* The number only helps people; the lock holds without it. */
    (void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (os_truncate(fd, 0) == 0) {
        (void)os_write_at(fd, text, strlen(text), 0, &written);
    }
    return fd;
}
