/*
 * os/file.c: see file.h.
 */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest folio of the page cache.  A folio begins at a multiple of its
 * size. */
#define FOLIO_MAX ((uint64_t)64 * 1024 * 1024)

int os_write_at(int fd, const void *data, size_t size, uint64_t offset,
                size_t *ret_written)
{
    const char *bytes = data;
    ssize_t n;

    *ret_written = 0;
    while (*ret_written < size) {
        n = pwrite(fd, bytes + *ret_written, size - *ret_written,
                   (off_t)(offset + *ret_written));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : ENOSPC;
        }
        *ret_written += (size_t)n;
    }
    return 0;
}

int os_file_length(int fd, uint64_t *ret_bytes)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return errno;
    }
    *ret_bytes = (uint64_t)info.st_size;
    return 0;
}

bool os_is_linked(int fd, uint64_t length)
{
    struct stat info;

    return fstat(fd, &info) == 0 && info.st_nlink > 0 &&
           (uint64_t)info.st_size == length;
}

/* Drops clean pages from the start of a folio on.  Pages of a failed write-back
 * are clean, and lseek() reports them as data as long as they are cached. */
static void forget_clean_pages(int fd, uint64_t from)
{
    (void)posix_fadvise(fd, (off_t)(from - from % FOLIO_MAX), 0,
                        POSIX_FADV_DONTNEED); /* a hint */
}

int os_measure(int fd, uint64_t known, uint64_t *ret_bytes)
{
    uint64_t length = 0;
    int error = os_file_length(fd, &length);
    off_t hole;

    if (error) {
        return error;
    }
    if (length <= known) {
        *ret_bytes = length;
        return 0;
    }
    forget_clean_pages(fd, known);
    hole = lseek(fd, (off_t)known, SEEK_HOLE);
    if (hole < 0 && errno == ENXIO) {
        /* The file became shorter meanwhile. */
        return os_file_length(fd, ret_bytes);
    }
    if (hole < 0) {
        return errno;
    }
    *ret_bytes = (uint64_t)hole;
    return 0;
}

int os_truncate(int fd, uint64_t length)
{
    int r;

    do {
        r = ftruncate(fd, (off_t)length);
    } while (r != 0 && errno == EINTR);
    return r == 0 ? 0 : errno;
}

uint64_t os_file_size_limit(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                   limit.rlim_cur != RLIM_INFINITY
               ? limit.rlim_cur
               : UINT64_MAX;
}

int os_reserve(int fd, uint64_t offset, uint64_t length)
{
    int r;

    do {
        r = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length);
    } while (r != 0 && errno == EINTR);
    return r == 0 ? 0 : errno;
}

int os_trim(int fd)
{
    struct stat info;
    uint64_t block;
    uint64_t size;

    if (fstat(fd, &info) != 0) {
        return errno;
    }
    block = (uint64_t)info.st_blksize;
    size = (uint64_t)info.st_size;
    if (block == 0 ||
        (uint64_t)info.st_blocks * 512 <= (size + block - 1) / block * block) {
        return 0;
    }
    return os_truncate(fd, size);
}

/* Returns 0 or an errno value. */
static int judge_type(int fd)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return errno;
    }
    if (S_ISDIR(info.st_mode)) {
        return EISDIR;
    }
    return S_ISREG(info.st_mode) ? 0 : ENXIO;
}

int os_keep_regular(int fd)
{
    int error = fd < 0 ? errno : judge_type(fd);

    if (error && fd >= 0) {
        (void)close(fd);
    }
    errno = error;
    return error ? -1 : fd;
}

int os_open_regular(int folder, const char *name, int flags)
{
    return os_keep_regular(openat(
        folder, name, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, (mode_t)0600));
}

/* open(2) returns ENXIO also for sockets, and for named pipes without a
 * reader. */
const char *os_open_words(int error)
{
    switch (error) {
    case EISDIR:
        return "this is a folder";
    case ENXIO:
        return "this is not a regular file";
    case ELOOP:
        return "symbolic links are not followed here";
    default:
        return strerror(error);
    }
}

int os_read_whole(int fd, char *text, size_t size, size_t *ret_length)
{
    size_t length = 0;
    ssize_t n = 1;

    while (n != 0 && length < size) {
        n = read(fd, text + length, size - length);
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        length += n > 0 ? (size_t)n : 0;
    }
    if (length == size) {
        return EFBIG;
    }
    text[length] = '\0';
    *ret_length = length;
    return 0;
}

int os_read_text(int folder, const char *name, char *text, size_t size)
{
    int fd = os_open_regular(folder, name, O_RDONLY | O_NOFOLLOW);
    size_t length;
    int error;

    if (fd < 0) {
        return errno;
    }
    error = os_read_whole(fd, text, size, &length);
    (void)close(fd);
    if (!error) {
        text[strcspn(text, "\n")] = '\0';
    }
    return error;
}

int os_write_text(int folder, const char *name, const char *text)
{
    int fd =
        openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t written;
    int error;

    if (fd < 0) {
        return errno;
    }
    error = os_write_at(fd, text, strlen(text), 0, &written);
    if (!error && fsync(fd) != 0) {
        error = errno;
    }
    (void)close(fd);
    if (error) {
        (void)unlinkat(folder, name, 0);
    }
    return error;
}

int os_try_move(int from, int to)
{
    char name[32];
    char moved[40];
    int error = 0;
    int fd;

    (void)snprintf(name, sizeof(name), ".bitsd-try-%ld", (long)getpid());
    (void)snprintf(moved, sizeof(moved), "%s-moved", name);
    fd = openat(from, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    (void)close(fd);
    if (renameat2(from, name, to, moved, RENAME_NOREPLACE) != 0) {
        error = errno;
        (void)unlinkat(from, name, 0);
    } else if (unlinkat(to, moved, 0) != 0) {
        error = errno;
    }
    return error;
}

int os_boot_id(char *text, size_t size)
{
    return os_read_text(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text,
                        size);
}
