/*
 * store/local/probe.c: see probe.h.
 *
 * A delivery must not replace an existing file.
 */
#include "store/local/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PROBE "probe"
#define OTHER "probe-target"

/* Also tries without a target: if the target exists, the kernel refuses without
 * asking the file system. */
static bool spares_targets(int staging)
{
    return renameat2(staging, PROBE, staging, OTHER, RENAME_NOREPLACE) != 0 &&
           errno == EEXIST && unlinkat(staging, OTHER, 0) == 0 &&
           renameat2(staging, PROBE, staging, OTHER, RENAME_NOREPLACE) == 0;
}

static int make(int staging, const char *name)
{
    return openat(staging, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void clear(int staging, int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)unlinkat(staging, PROBE, 0);
    (void)unlinkat(staging, OTHER, 0);
}

static enum bits_cause try_files(int staging, int fd, int other,
                                 const char *path, struct fault *ret_fault)
{
    if (fd < 0 || other < 0) {
        return os_fail(ret_fault, errno, "cannot make a file in", path, NULL);
    }
    if (!spares_targets(staging)) {
        return cause_fault(
            ret_fault, BITS_CAUSE_IO_ERROR,
            "the file system of %s cannot rename without replacing "
            "(RENAME_NOREPLACE); use ext4, XFS, Btrfs or ZFS",
            path);
    }
    return BITS_CAUSE_OK;
}

enum bits_cause local_probe(int staging, const char *path,
                            struct fault *ret_fault)
{
    int fd = make(staging, PROBE);
    int other = fd < 0 ? -1 : make(staging, OTHER);
    enum bits_cause cause = try_files(staging, fd, other, path, ret_fault);

    if (other >= 0) {
        (void)close(other);
    }
    clear(staging, fd);
    return cause;
}
