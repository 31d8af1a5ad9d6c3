/*
 * client/source.c: see source.h.
 */
#include "client/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

static struct source_mark mark_of(const struct stat *info)
{
    return (struct source_mark){
        .device = info->st_dev,
        .inode = info->st_ino,
        .size = (uint64_t)info->st_size,
        .mtime_ns =
            (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec,
    };
}

int source_open(struct source *source, const char *path, enum source_mode mode)
{
    struct stat info;
    int error;

    *source = (struct source){
        .fd = os_open_regular(AT_FDCWD, path, O_RDONLY),
        .mode = mode,
    };
    if (source->fd < 0) {
        return errno;
    }
    if (fstat(source->fd, &info) != 0) {
        error = errno;
        source_close(source);
        return error;
    }
    source->mark = mark_of(&info);
    return 0;
}

void source_close(struct source *source)
{
    if (source->fd >= 0) {
        (void)close(source->fd);
        source->fd = -1;
    }
}

static bool is_unchanged(const struct source *source, const struct stat *info)
{
    struct source_mark mark = mark_of(info);

    return source->mode == SOURCE_GROWING
               ? mark.size >= source->mark.size
               : mark.size == source->mark.size &&
                     mark.mtime_ns == source->mark.mtime_ns;
}

bool source_is_same(const struct source *source)
{
    struct stat info;

    return fstat(source->fd, &info) == 0 && is_unchanged(source, &info);
}

/* Looked at after reading: bytes of another version are not handed out. */
size_t source_read(const struct source *source, uint64_t offset, char *room,
                   size_t size)
{
    ssize_t n;

    do {
        n = pread(source->fd, room, size, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n > 0 && source_is_same(source) ? (size_t)n : 0;
}

int source_remove(const struct source *source, const char *path)
{
    struct stat info;

    if (lstat(path, &info) != 0) {
        return errno;
    }
    if (info.st_dev != source->mark.device ||
        info.st_ino != source->mark.inode || !is_unchanged(source, &info)) {
        return ESTALE;
    }
    return unlink(path) == 0 ? 0 : errno;
}
