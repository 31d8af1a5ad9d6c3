/*
 * os/beneath.c: see beneath.h.
 */
#include "os/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/mount.h"

#define NO_LINKS (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/* Whether a path may cross to another mount. */
enum mounts {
    MOUNTS_ONE,
    MOUNTS_ANY,
};

static int resolve(int folder, const char *path, const struct open_how *how)
{
    long fd;

    do {
        fd = syscall(SYS_openat2, folder, path, how, sizeof(*how));
        /* EAGAIN: a concurrent rename disturbed the look-up. */
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    return (int)fd;
}

static bool is_missing(int fd)
{
    return fd < 0 && (errno == ENOSYS || errno == EPERM);
}

int os_open_beneath(int folder, const char *path, int flags, mode_t mode)
{
    const struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = NO_LINKS | RESOLVE_NO_XDEV,
    };
    int fd = resolve(folder, path, &how);

    return is_missing(fd) ? os_walk_beneath(folder, path, flags, mode) : fd;
}

int os_open_within(int folder, const char *path, int flags)
{
    const struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .resolve = NO_LINKS,
    };
    int fd = resolve(folder, path, &how);

    return is_missing(fd) ? os_walk_within(folder, path, flags) : fd;
}

/* Takes the first segment of *path.  No file system has longer segments. */
static bool take_segment(const char **path, char ret_segment[256])
{
    size_t len = strcspn(*path, "/");

    if (len > 255) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(ret_segment, *path, len);
    ret_segment[len] = '\0';
    if (!len || !strcmp(ret_segment, ".") || !strcmp(ret_segment, "..")) {
        errno = EXDEV;
        return false;
    }
    *path += len;
    if (**path == '/') {
        (*path)++;
    }
    return true;
}

static int close_keeping_errno(int fd)
{
    int error = errno;

    (void)close(fd);
    errno = error;
    return -1;
}

/* Detects a link opened with O_NOFOLLOW: open(2) returns ENOTDIR for folders
 * and opens the link itself for O_PATH. */
static bool is_link(int folder, const char *segment)
{
    struct stat info;

    return fstatat(folder, segment, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(info.st_mode);
}

static int open_segment(int folder, const char *segment, int flags, mode_t mode)
{
    int fd = openat(folder, segment, flags | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0 && errno == ENOTDIR && is_link(folder, segment)) {
        errno = ELOOP;
    }
    if (fd < 0) {
        return -1;
    }
    if (flags & O_PATH) {
        struct stat info;

        if (fstat(fd, &info) == 0 && S_ISLNK(info.st_mode)) {
            errno = ELOOP;
            return close_keeping_errno(fd);
        }
    }
    return fd;
}

/* The same, but refuses another mount. */
static int open_here(int folder, const char *segment, int flags, mode_t mode)
{
    int fd = open_segment(folder, segment, flags, mode);

    if (fd >= 0 && !os_same_mount(folder, fd)) {
        errno = EXDEV;
        return close_keeping_errno(fd);
    }
    return fd;
}

/* The flags for a segment followed by `rest`. */
static int flags_of(const char *rest, int flags)
{
    return *rest ? O_PATH | O_DIRECTORY : flags;
}

static int walk(int folder, const char *path, int flags, mode_t mode,
                enum mounts mounts)
{
    char segment[256];
    int at = folder;
    int next;

    for (;;) {
        if (!take_segment(&path, segment)) {
            return at == folder ? -1 : close_keeping_errno(at);
        }
        next = mounts == MOUNTS_ONE
                   ? open_here(at, segment, flags_of(path, flags), mode)
                   : open_segment(at, segment, flags_of(path, flags), mode);
        if (at != folder) {
            (void)close_keeping_errno(at);
        }
        if (next < 0 || !*path) {
            return next;
        }
        at = next;
    }
}

int os_walk_beneath(int folder, const char *path, int flags, mode_t mode)
{
    return walk(folder, path, flags, mode, MOUNTS_ONE);
}

int os_walk_within(int folder, const char *path, int flags)
{
    return walk(folder, path, flags, 0, MOUNTS_ANY);
}
