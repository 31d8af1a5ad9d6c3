/*
 * client/transfer/source.c: see source.h.
 */
#include "client/transfer/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "client/transfer/source_sample.h"
#include "os/beneath.h"
#include "os/file.h"

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static struct source_mark mark_of(const struct stat *info)
{
    return (struct source_mark){
        .device = info->st_dev,
        .inode = info->st_ino,
        .size = (uint64_t)info->st_size,
        .mtime_ns = nanoseconds(&info->st_mtim),
        .ctime_ns = nanoseconds(&info->st_ctim),
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

/* Returns 0 or an errno value. */
static int look(struct source *source)
{
    struct stat info;

    if (fstat(source->fd, &info) != 0) {
        return errno;
    }
    source->mark = mark_of(&info);
    source->links = info.st_nlink;
    if (source->mode == SOURCE_GROWING) {
        source->mark.has_sample = true;
        return source_sample(source->fd, source->mark.size,
                             source->mark.sample);
    }
    return 0;
}

int source_open(struct source *source, const struct source_place *place,
                enum source_mode mode)
{
    int error;

    *source = (struct source){.fd = open_place(place), .mode = mode};
    if (source->fd < 0) {
        return errno;
    }
    error = look(source);
    if (error) {
        source_close(source);
    }
    return error;
}

void source_close(struct source *source)
{
    if (source->fd >= 0) {
        (void)close(source->fd);
        source->fd = -1;
    }
}

/* --- has it changed? ------------------------------------------------------ */

static bool has_sample_of(const struct source *source,
                          const struct source_mark *mark)
{
    unsigned char sample[SOURCE_SAMPLE_SIZE];

    return mark->has_sample &&
           source_sample(source->fd, mark->size, sample) == 0 &&
           memcmp(sample, mark->sample, sizeof(sample)) == 0;
}

/* A program that writes changes both times and can set back only mtime.  A new
 * or removed name changes ctime alone: the file was linked or replaced, and its
 * bytes are unchanged. */
static bool is_unchanged(struct source *source, const struct stat *info)
{
    const struct source_mark now = mark_of(info);

    if (now.size != source->mark.size ||
        now.mtime_ns != source->mark.mtime_ns ||
        (now.ctime_ns != source->mark.ctime_ns &&
         info->st_nlink == source->links)) {
        return false;
    }
    source->mark.ctime_ns = now.ctime_ns;
    source->links = info->st_nlink;
    return true;
}

/* Takes the times before the sample, so that a later change is found the next
 * time. */
static bool has_only_grown(struct source *source, const struct stat *info)
{
    const struct source_mark now = mark_of(info);

    if (now.mtime_ns == source->mark.mtime_ns &&
        now.ctime_ns == source->mark.ctime_ns) {
        return true;
    }
    if (now.size < source->mark.size || !has_sample_of(source, &source->mark)) {
        return false;
    }
    source->mark.mtime_ns = now.mtime_ns;
    source->mark.ctime_ns = now.ctime_ns;
    return true;
}

bool source_is_same(struct source *source)
{
    struct stat info;

    if (fstat(source->fd, &info) != 0) {
        return false;
    }
    return source->mode == SOURCE_GROWING ? has_only_grown(source, &info)
                                          : is_unchanged(source, &info);
}

static bool is_inode(const struct source *source,
                     const struct source_mark *mark, enum source_boot boot)
{
    return source->mark.inode == mark->inode &&
           (boot == SOURCE_OTHER_BOOT || source->mark.device == mark->device);
}

bool source_is_whole(const struct source *source,
                     const struct source_mark *mark, enum source_boot boot)
{
    return is_inode(source, mark, boot) && source->mark.size == mark->size &&
           source->mark.mtime_ns == mark->mtime_ns &&
           (source->mark.ctime_ns == mark->ctime_ns ||
            mark->ctime_ns == SOURCE_CTIME_UNKNOWN);
}

bool source_is_marked(const struct source *source,
                      const struct source_mark *mark, enum source_boot boot)
{
    if (mark->ctime_ns != SOURCE_CTIME_UNKNOWN &&
        source_is_whole(source, mark, boot)) {
        return true;
    }
    return source->mode == SOURCE_GROWING && is_inode(source, mark, boot) &&
           source->mark.size >= mark->size && has_sample_of(source, mark);
}

void source_shorten(struct source *source, const struct source_mark *mark)
{
    source->mark.size = mark->size;
    if (mark->has_sample) {
        memcpy(source->mark.sample, mark->sample, sizeof(mark->sample));
    }
}

/* Checks after reading, so that bytes of another version are never returned. */
size_t source_read(struct source *source, uint64_t offset, char *room,
                   size_t size)
{
    ssize_t n;

    do {
        n = pread(source->fd, room, size, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n > 0 && source_is_same(source) ? (size_t)n : 0;
}

/* --- removing ------------------------------------------------------------- */

/* Opens the folder of the file; *ret_name is the file's name in it.  Returns -1
 * with errno on failure. */
static int open_parent(const struct source_place *place, const char **ret_name)
{
    const char *slash = strrchr(place->path, '/');
    CLEANUP(free_string) char *folder = NULL;

    *ret_name = slash ? slash + 1 : place->path;
    if (!slash) {
        return openat(place->folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    /* the folder of "/a" is "/" */
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

int source_remove(struct source *source, const struct source_place *place)
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
