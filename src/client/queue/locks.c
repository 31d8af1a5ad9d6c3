/*
 * client/queue/locks.c: locks of the queue and its jobs; see queue.h and
 * locks.h.
 */
#include "client/queue/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/cleanup.h"
#include "os/file.h"
#include "os/lock.h"

#define FILE_MAX_LEN (QUEUE_ID_LEN + sizeof(QUEUE_LOCK_ENDING))
#define RUN_LOCK "run.lock"

static void name_of(const char *id, char name[FILE_MAX_LEN])
{
    (void)snprintf(name, FILE_MAX_LEN, "%.*s%s", QUEUE_ID_LEN, id,
                   QUEUE_LOCK_ENDING);
}

int queue_lock_file(const struct queue *queue, const char *name)
{
    int fd =
        os_open_regular(queue->home.fd, name, O_RDWR | O_CREAT | O_NOFOLLOW);
    int error;

    if (fd < 0 || flock(fd, LOCK_EX) == 0) {
        return fd;
    }
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

int queue_hold(const struct queue *queue, const char *id)
{
    char name[FILE_MAX_LEN];
    char pid[32];
    size_t written;
    int fd;

    name_of(id, name);
    fd = queue_lock_file(queue, name);
    if (fd >= 0) {
        /* The number only informs people; the lock does not depend on it. */
        (void)snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
        (void)os_truncate(fd, 0);
        (void)os_write_at(fd, pid, strlen(pid), 0, &written);
    }
    return fd;
}

long queue_holder(const struct queue *queue, const char *id)
{
    char name[FILE_MAX_LEN];
    CLEANUP(close_file) int fd = -1;
    char text[32];
    uint64_t pid;

    name_of(id, name);
    fd = os_open_regular(queue->home.fd, name, O_RDONLY | O_NOFOLLOW);
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0) {
        return 0;
    }
    if (os_read_text(queue->home.fd, name, text, sizeof(text)) != 0 ||
        !text_to_u64(text_of(text), &pid) || pid == 0 || pid > INT32_MAX) {
        return -1;
    }
    return (long)pid;
}

int queue_hold_all(const struct queue *queue, long *ret_pid)
{
    return os_lock_open(queue->home.fd, RUN_LOCK, ret_pid);
}

bool queue_is_run(const struct queue *queue)
{
    CLEANUP(close_file)
    int fd = os_open_regular(queue->home.fd, RUN_LOCK, O_RDONLY | O_NOFOLLOW);

    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
}
