/*
 * store/local/probe.c: does a file system do what the store relies on?
 *
 * The offset of a session is the first hole of its file, and a delivery must
 * not replace a file that came first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "os/file.h"
#include "store/local/private.h"

#define PROBE "probe"
#define OTHER "probe-target"

/* Far enough for any block size, and for a file that is kept inline. */
#define SECOND_WRITE ((uint64_t)2 * 1024 * 1024)

static bool shows_holes(int fd)
{
    uint64_t bytes = 0;
    size_t written;

    return os_write_at(fd, "x", 1, 0, &written) == 0 &&
           os_write_at(fd, "x", 1, SECOND_WRITE, &written) == 0 &&
           os_measure(fd, 0, &bytes) == 0 && bytes > 0 && bytes < SECOND_WRITE;
}

static bool spares_targets(int staging)
{
    return renameat2(staging, PROBE, staging, OTHER, RENAME_NOREPLACE) != 0 &&
           errno == EEXIST;
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

bool local_probe(int staging, const char *path, char detail[STORE_DETAIL_MAX])
{
    int fd = make(staging, PROBE);
    int other = make(staging, OTHER);
    bool good = false;

    if (fd < 0 || other < 0) {
        (void)os_fail((struct os_detail){detail, STORE_DETAIL_MAX}, errno,
                      "cannot make a file in", path, NULL);
    } else if (!shows_holes(fd)) {
        (void)snprintf(detail, STORE_DETAIL_MAX,
                       "the file system of %s does not show holes in files "
                       "(SEEK_HOLE); use ext4, XFS, Btrfs or ZFS",
                       path);
    } else if (!spares_targets(staging)) {
        (void)snprintf(detail, STORE_DETAIL_MAX,
                       "the file system of %s cannot rename without replacing "
                       "(RENAME_NOREPLACE); use ext4, XFS, Btrfs or ZFS",
                       path);
    } else {
        good = true;
    }
    if (other >= 0) {
        (void)close(other);
    }
    clear(staging, fd);
    return good;
}
