/*
 * os/instance.c: see instance.h.
 *
 * At each mount, ext4, XFS and Btrfs make a folder in /sys/fs whose inode
 * number the kernel never uses again.  The mount id (statx) is not suitable:
 * the next mount gets the same one, and each mount namespace a different one.
 */
#include "os/instance.h"

#include <inttypes.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "os/file.h"

#define SYS_PATH_SIZE 320

/* The name of a block device in sysfs, such as "sda1" or "dm-0". */
static bool device_name(dev_t device, char name[NAME_MAX + 1])
{
    char path[64];
    char link[PATH_MAX];
    const char *last;
    ssize_t len;

    (void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(device),
                   minor(device));
    len = readlink(path, link, sizeof(link) - 1);
    if (len <= 0) {
        return false;
    }
    link[len] = '\0';
    last = strrchr(link, '/');
    (void)snprintf(name, NAME_MAX + 1, "%.*s", NAME_MAX,
                   last ? last + 1 : link);
    return true;
}

static bool device_folder(const char *kind, dev_t device,
                          char path[SYS_PATH_SIZE])
{
    char name[NAME_MAX + 1];

    if (!device_name(device, name)) {
        return false;
    }
    (void)snprintf(path, SYS_PATH_SIZE, "/sys/fs/%s/%s", kind, name);
    return true;
}

/* Btrfs may have several devices, so its folder is named by its UUID. */
static bool btrfs_folder(int fd, char path[SYS_PATH_SIZE])
{
    struct btrfs_ioctl_fs_info_args info = {.flags = 0};
    const __u8 *id = info.fsid;

    if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) != 0) {
        return false;
    }
    (void)snprintf(path, SYS_PATH_SIZE,
                   "/sys/fs/btrfs/%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                   "%02x%02x%02x%02x%02x%02x",
                   id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7],
                   id[8], id[9], id[10], id[11], id[12], id[13], id[14],
                   id[15]);
    return true;
}

/* The inode number of the folder that was made at the mount. */
static bool number_of(int fd, dev_t device, uint64_t *ret_number)
{
    char path[SYS_PATH_SIZE];
    struct statfs kind;
    struct stat info;
    bool found = false;

    *ret_number = 0;
    if (fstatfs(fd, &kind) != 0) {
        return false;
    }
    switch (kind.f_type) {
    case TMPFS_MAGIC:
        /* tmpfs loses its files with the last unmount anyway. */
        return true;
    case EXT4_SUPER_MAGIC:
        found = device_folder("ext4", device, path);
        break;
    case XFS_SUPER_MAGIC:
        found = device_folder("xfs", device, path);
        break;
    case BTRFS_SUPER_MAGIC:
        found = btrfs_folder(fd, path);
        break;
    default:
        break;
    }
    if (!found || stat(path, &info) != 0) {
        return false;
    }
    *ret_number = info.st_ino;
    return true;
}

bool os_instance(int fd, char text[OS_INSTANCE_SIZE])
{
    char boot_id[64];
    struct stat info;
    uint64_t number;

    if (fstat(fd, &info) != 0 || !number_of(fd, info.st_dev, &number) ||
        os_boot_id(boot_id, sizeof(boot_id)) != 0) {
        return false;
    }
    (void)snprintf(text, OS_INSTANCE_SIZE, "%s %u:%u %" PRIu64, boot_id,
                   major(info.st_dev), minor(info.st_dev), number);
    return true;
}
