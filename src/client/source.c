/*
 * client/source.c: see source.h.
 */
#include "client/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/memory.h"
#include "os/beneath.h"
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

/* --- opening -------------------------------------------------------------- */

static int open_place(const struct source_place *place)
{
    if (place->folder == AT_FDCWD) {
        return os_open_regular(AT_FDCWD, place->path, O_RDONLY);
    }
    if (place->folder < 0) {
        errno = ENOENT;
        return -1;
    }
    return os_keep_regular(os_open_within(place->folder, place->path,
                                          O_RDONLY | O_NOCTTY | O_NONBLOCK));
}

int source_open(struct source *source, const struct source_place *place,
                enum source_mode mode)
{
    struct stat info;
    int error;

    *source = (struct source){
        .fd = open_place(place),
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

/* --- removing ------------------------------------------------------------- */

/* The folder that the file is in, and the file's name in it.  -1: errno. */
static int open_parent(const struct source_place *place, const char **ret_name)
{
    const char *slash = strrchr(place->path, '/');
    CLEANUP(free_string) char *folder = NULL;

    *ret_name = slash ? slash + 1 : place->path;
    if (!slash) {
        return openat(place->folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    /* "/a" is in "/" */
    folder = strndup(place->path,
                     slash == place->path ? 1 : (size_t)(slash - place->path));
    if (!folder) {
        errno = ENOMEM;
        return -1;
    }
    return place->folder == AT_FDCWD
               ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)
               : os_open_within(place->folder, folder, O_PATH | O_DIRECTORY);
}

int source_remove(const struct source *source, const struct source_place *place)
{
    const char *name;
    CLEANUP(close_file) int folder = open_parent(place, &name);
    struct stat info;

    if (folder < 0) {
        return errno == ELOOP || errno == ENOTDIR ? ESTALE : errno;
    }
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno;
    }
    if (info.st_dev != source->mark.device ||
        info.st_ino != source->mark.inode || !is_unchanged(source, &info)) {
        return ESTALE;
    }
    return unlinkat(folder, name, 0) == 0 ? 0 : errno;
}
