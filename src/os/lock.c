/*
 * os/lock.c: see lock.h.
 *
 * flock(2) belongs to the open file: the lock ends with the process however it
 * ends, and a second lock within a process is refused, too.
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

/* The number only informs people; the lock does not depend on it.  It is
 * written through another descriptor, because a file open for writing would
 * keep its file system from being remounted read-only. */
static void leave_name(int folder, const char *name)
{
    int fd = os_open_regular(folder, name, O_WRONLY | O_TRUNC | O_NOFOLLOW);
    char text[32];
    size_t written;

    if (fd < 0) {
        return;
    }
    (void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    (void)os_write_at(fd, text, strlen(text), 0, &written);
    (void)close(fd);
}

int os_lock_open(int folder, const char *name, long *ret_pid)
{
    int fd = os_open_regular(folder, name, O_RDONLY | O_CREAT | O_NOFOLLOW);
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
    leave_name(folder, name);
    return fd;
}

bool os_lock_is_held(int folder, const char *name, long *ret_pid)
{
    int fd = os_open_regular(folder, name, O_RDONLY | O_NOFOLLOW);
    bool is_held;

    if (fd < 0) {
        return false;
    }
    is_held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    (void)close(fd);
    if (is_held) {
        *ret_pid = holder(folder, name);
    }
    return is_held;
}
