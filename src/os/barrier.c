/*
 * os/barrier.c: see barrier.h.
 */
#include "os/barrier.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* ext4, XFS and F2FS.  Only a folder that hands down its project id requires
 * files to have it.  A new file gets the id that its folder hands down,
 * otherwise 0. */
static bool differ_in_project(int from, int to)
{
    struct fsxattr source;
    struct fsxattr target;
    uint32_t id;

    if (ioctl(to, FS_IOC_FSGETXATTR, &target) != 0 ||
        !(target.fsx_xflags & FS_XFLAG_PROJINHERIT) ||
        ioctl(from, FS_IOC_FSGETXATTR, &source) != 0) {
        return false;
    }
    id = source.fsx_xflags & FS_XFLAG_PROJINHERIT ? source.fsx_projid : 0;
    return id != target.fsx_projid;
}

/* Zeroes the buffer up to the size of the largest policy. */
static bool get_policy(int folder, struct fscrypt_get_policy_ex_arg *ret_policy)
{
    memset(ret_policy, 0, sizeof(*ret_policy));
    ret_policy->policy_size = sizeof(ret_policy->policy);
    return ioctl(folder, FS_IOC_GET_ENCRYPTION_POLICY_EX, ret_policy) == 0;
}

static bool differ_in_encryption(int from, int to)
{
    struct fscrypt_get_policy_ex_arg source;
    struct fscrypt_get_policy_ex_arg target;

    return get_policy(to, &target) &&
           (!get_policy(from, &source) ||
            source.policy_size != target.policy_size ||
            memcmp(&source.policy, &target.policy, sizeof(source.policy)) != 0);
}

static bool is_encrypted(const struct statx *info)
{
    return info->stx_attributes & STATX_ATTR_ENCRYPTED;
}

enum os_barrier os_barrier_between(int from, int to)
{
    struct statx source;
    struct statx target;

    if (statx(from, "", AT_EMPTY_PATH, STATX_INO, &source) != 0 ||
        statx(to, "", AT_EMPTY_PATH, STATX_INO, &target) != 0) {
        return OS_BARRIER_NONE;
    }
    if (source.stx_dev_major != target.stx_dev_major ||
        source.stx_dev_minor != target.stx_dev_minor) {
        return OS_BARRIER_DEVICE;
    }
    if (is_encrypted(&target) && differ_in_encryption(from, to)) {
        return OS_BARRIER_ENCRYPTION;
    }
    return differ_in_project(from, to) ? OS_BARRIER_PROJECT : OS_BARRIER_NONE;
}
