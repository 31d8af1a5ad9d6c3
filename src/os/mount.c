/*
 * os/mount.c: see mount.h.
 */
#include "os/mount.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

static bool look(int fd, struct statx *ret_info)
{
    return statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_MNT_ID,
                 ret_info) == 0;
}

bool os_same_mount(int fd, int other_fd)
{
    struct statx a;
    struct statx b;

    if (!look(fd, &a) || !look(other_fd, &b)) {
        return false;
    }
    if (a.stx_dev_major != b.stx_dev_major ||
        a.stx_dev_minor != b.stx_dev_minor) {
        return false;
    }
    /* Kernels before 5.8 do not tell mounts apart. */
    return !(a.stx_mask & b.stx_mask & STATX_MNT_ID) ||
           a.stx_mnt_id == b.stx_mnt_id;
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
