/*
 * os/mount.c: see mount.h.
 */
#include "os/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

static bool look(int fd, struct statx *ret_info)
{
    return statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT,
                 STATX_INO | STATX_MNT_ID, ret_info) == 0;
}

/* Kernels before 5.8 do not distinguish mounts of one file system. */
static bool is_one_mount(const struct statx *a, const struct statx *b)
{
    return a->stx_dev_major == b->stx_dev_major &&
           a->stx_dev_minor == b->stx_dev_minor &&
           (!(a->stx_mask & b->stx_mask & STATX_MNT_ID) ||
            a->stx_mnt_id == b->stx_mnt_id);
}

bool os_same_mount(int fd, int other_fd)
{
    struct statx a;
    struct statx b;

    return look(fd, &a) && look(other_fd, &b) && is_one_mount(&a, &b);
}

int os_leads_to(const char *path, int fd)
{
    struct statx there;
    struct statx here;

    if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_MNT_ID, &there) != 0 ||
        !look(fd, &here)) {
        return errno;
    }
    return there.stx_ino == here.stx_ino && is_one_mount(&there, &here)
               ? 0
               : ESTALE;
}

bool os_is_memory(int fd)
{
    struct statfs info;

    return fstatfs(fd, &info) == 0 && info.f_type == TMPFS_MAGIC;
}

bool os_free_space(int fd, struct os_space *ret_space)
{
    struct statvfs info;

    if (fstatvfs(fd, &info) != 0) {
        return false;
    }
    if (__builtin_mul_overflow(info.f_blocks, info.f_frsize,
                               &ret_space->size)) {
        ret_space->size = UINT64_MAX;
    }
    if (__builtin_mul_overflow(info.f_bavail, info.f_frsize,
                               &ret_space->free)) {
        ret_space->free = UINT64_MAX;
    }
    return true;
}
