/*
 * access/live_file.c: see live_file.h.
 */
#include "access/live_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "os/file.h"

/* How long a program may take to write the file. */
#define WRITING_NS INT64_C(2000000000)

/* Two changes within one tick of the kernel's clock have the same time. */
#define TICK_NS INT64_C(20000000)

#define SECOND_NS INT64_C(1000000000)

bool live_file_init(struct live_file *file, const struct live_kind *kind,
                    const char *path)
{
    *file = (struct live_file){.kind = kind, .path = strdup(path)};
    return file->path != NULL;
}

void live_file_done(struct live_file *file)
{
    file->kind->free(file->table);
    free(file->path);
}

/* --- changes ------------------------------------------------------------- */

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_size == b->st_size && is_same_time(a->st_mtim, b->st_mtim) &&
           is_same_time(a->st_ctim, b->st_ctim);
}

/* Did the file change less than so long ago?  A time in the future is not
 * recent: the clock was set. */
static bool is_recent(const struct stat *status, int64_t ns)
{
    struct timespec now = {0};
    int64_t age;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    age = (now.tv_sec - status->st_ctim.tv_sec) * SECOND_NS + now.tv_nsec -
          status->st_ctim.tv_nsec;
    return age < ns && age > -ns;
}

/* --- reading ------------------------------------------------------------- */

static enum live_file_news lose(struct live_file *file, int error,
                                struct report *report)
{
    bool is_news = file->error != error;
    bool makes = error == ENOENT && file->kind->maker;

    file->kind->free(file->table);
    file->table = NULL;
    file->error = error;
    if (!is_news) {
        return LIVE_FILE_ABSENT;
    }
    report_add(report, (struct place){file->path, 0}, "cannot read it: %s%s%s",
               error == EFBIG ? "it has more than 16 MiB"
                              : os_open_words(error),
               makes ? "; make it with " : "", makes ? file->kind->maker : "");
    return LIVE_FILE_LOST;
}

/* The whole file, from malloc() and terminated.  Returns 0 or a positive errno
 * value. */
static int read_text(int fd, struct stat *ret_status, char **ret_text,
                     size_t *ret_size)
{
    size_t room;
    char *text;
    int error;

    if (fstat(fd, ret_status) != 0) {
        return errno;
    }
    if ((uint64_t)ret_status->st_size > LIVE_FILE_MAX) {
        return EFBIG;
    }
    room = (size_t)ret_status->st_size + 2;
    text = malloc(room);
    if (!text) {
        return ENOMEM;
    }
    error = os_read_whole(fd, text, room, ret_size);
    if (error != 0) {
        free(text);
        return error == EFBIG ? EAGAIN : error; /* it has grown meanwhile */
    }
    *ret_text = text;
    return 0;
}

static bool is_unfinished(const char *text, size_t size,
                          const struct stat *status)
{
    return (size == 0 || text[size - 1] != '\n') &&
           is_recent(status, WRITING_NS);
}

static enum live_file_news take_text(struct live_file *file,
                                     const struct stat *status, char *text,
                                     size_t size, struct report *report)
{
    bool is_news = !file->table || !is_same(status, &file->read);
    void *table;

    if (file->table && is_unfinished(text, size, status)) {
        free(text);
        return LIVE_FILE_SAME;
    }
    table = file->kind->parse(text, size, file->path, report);
    if (!table) {
        return lose(file, ENOMEM, report);
    }
    file->kind->free(file->table);
    file->table = table;
    file->error = 0;
    file->read = *status;
    file->may_differ = is_recent(status, TICK_NS);
    return is_news ? LIVE_FILE_CHANGED : LIVE_FILE_SAME;
}

static enum live_file_news read_again(struct live_file *file,
                                      struct report *report)
{
    int fd = os_open_regular(AT_FDCWD, file->path, O_RDONLY);
    struct stat status;
    char *text = NULL;
    size_t size = 0;
    int error;

    if (fd < 0) {
        return lose(file, errno, report);
    }
    error = read_text(fd, &status, &text, &size);
    (void)close(fd);
    if (error == EAGAIN && file->table) {
        return LIVE_FILE_SAME;
    }
    return error == 0 ? take_text(file, &status, text, size, report)
                      : lose(file, error, report);
}

void live_file_read(struct live_file *file, struct report *report)
{
    file->error = 0;
    (void)read_again(file, report);
}

enum live_file_news live_file_refresh(struct live_file *file,
                                      struct report *report)
{
    struct stat status;

    if (stat(file->path, &status) != 0) {
        return lose(file, errno, report);
    }
    if (file->table && is_same(&status, &file->read) && !file->may_differ) {
        return LIVE_FILE_SAME;
    }
    return read_again(file, report);
}
