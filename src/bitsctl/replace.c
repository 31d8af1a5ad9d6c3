/*
 * bitsctl/replace.c: see replace.h.
 */
#include "bitsctl/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

/* bitsd takes no longer ones. */
#define SIZE_MAX_OF_FILE ((size_t)16 << 20)

#define NEW_MODE 0640

static bool fail(struct fault *ret_fault, const char *path, const char *words)
{
    return fault_set(ret_fault, "%.200s: %s", path, words);
}

static bool fail_errno(struct fault *ret_fault, const char *path)
{
    return fail(ret_fault, path, strerror(errno));
}

/* --- reading ------------------------------------------------------------- */

/* The real path; of a file that does not exist yet the path as it is. */
static bool find_place(struct replacement *replacement, const char *path)
{
    const char *slash;

    replacement->path = realpath(path, NULL);
    if (!replacement->path && errno == ENOENT) {
        replacement->path = strdup(path);
    }
    if (!replacement->path) {
        return false;
    }
    slash = strrchr(replacement->path, '/');
    if (!slash) {
        replacement->folder = strdup(".");
    } else {
        replacement->folder = strndup(
            replacement->path, slash == replacement->path
                                   ? 1
                                   : (size_t)(slash - replacement->path));
    }
    return replacement->folder != NULL;
}

static bool lock_folder(struct replacement *replacement)
{
    replacement->folder_fd =
        open(replacement->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return replacement->folder_fd >= 0 &&
           flock(replacement->folder_fd, LOCK_EX) == 0;
}

static bool read_file(struct replacement *replacement, int fd)
{
    struct stat status;
    size_t room;

    if (fstat(fd, &status) != 0) {
        return false;
    }
    if ((uint64_t)status.st_size > SIZE_MAX_OF_FILE) {
        errno = EFBIG;
        return false;
    }
    replacement->exists = true;
    replacement->mode = status.st_mode & 07777;
    replacement->owner = status.st_uid;
    replacement->group = status.st_gid;
    room = (size_t)status.st_size + 2;
    replacement->text = malloc(room);
    if (!replacement->text) {
        return false;
    }
    errno = os_read_whole(fd, replacement->text, room, &replacement->size);
    return errno == 0;
}

bool replacement_begin(struct replacement *replacement, const char *path,
                       struct fault *ret_fault)
{
    bool done;
    int fd;

    *replacement = (struct replacement){.folder_fd = -1};
    if (!find_place(replacement, path)) {
        return fail_errno(ret_fault, path);
    }
    if (!lock_folder(replacement)) {
        return fail_errno(ret_fault, replacement->folder);
    }
    fd = os_open_regular(AT_FDCWD, replacement->path, O_RDONLY);
    if (fd < 0 && errno == ENOENT) {
        replacement->text = strdup("");
        return replacement->text || fail_errno(ret_fault, path);
    }
    if (fd < 0) {
        return fail(ret_fault, path, os_open_words(errno));
    }
    done = read_file(replacement, fd);
    (void)close(fd);
    return done || fail_errno(ret_fault, path);
}

/* --- writing ------------------------------------------------------------- */

static bool dress(const struct replacement *replacement, int fd)
{
    mode_t mask;

    if (replacement->exists) {
        return fchown(fd, replacement->owner, replacement->group) == 0 &&
               fchmod(fd, (mode_t)replacement->mode) == 0;
    }
    mask = umask(0);
    (void)umask(mask);
    return fchmod(fd, NEW_MODE & ~mask) == 0;
}

static bool write_whole(int fd, const char *text, size_t size)
{
    size_t written;

    errno = os_write_at(fd, text, size, 0, &written);
    return errno == 0 && fsync(fd) == 0;
}

static bool put_in_place(const struct replacement *replacement,
                         const char *new_path)
{
    return rename(new_path, replacement->path) == 0 &&
           fsync(replacement->folder_fd) == 0;
}

bool replacement_write(const struct replacement *replacement, const char *text,
                       size_t size, struct fault *ret_fault)
{
    char *new_path = NULL;
    bool done;
    int fd;

    if (asprintf(&new_path, "%s.XXXXXX", replacement->path) < 0) {
        return fail(ret_fault, replacement->path, "out of memory");
    }
    fd = mkostemp(new_path, O_CLOEXEC);
    if (fd < 0) {
        (void)fail_errno(ret_fault, replacement->folder);
        free(new_path);
        return false;
    }
    done = dress(replacement, fd) && write_whole(fd, text, size) &&
           put_in_place(replacement, new_path);
    if (!done) {
        (void)fail_errno(ret_fault, replacement->path);
        (void)unlink(new_path);
    }
    (void)close(fd);
    free(new_path);
    return done;
}

void replacement_end(struct replacement *replacement)
{
    if (replacement->folder_fd >= 0) {
        (void)close(replacement->folder_fd);
    }
    free(replacement->path);
    free(replacement->folder);
    free(replacement->text);
}
