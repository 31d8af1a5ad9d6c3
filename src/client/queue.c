/*
 * client/queue.c: see queue.h.
 */
#include "client/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/memory.h"
#include "config/list.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/random.h"

#define FILE_MAX_LEN (QUEUE_ID_LEN + 8)
#define JOB_ENDING ".json"
#define LOCK_ENDING ".lock"
#define FRESH_ENDING ".new"
#define CHANGES_LOCK "changes.lock"
#define RUN_LOCK "run.lock"

/* Larger files were not written by us. */
#define TEXT_LIMIT ((size_t)1024 * 1024)

/* Seconds that ended jobs are remembered. */
#define KEEP_DONE ((int64_t)7 * 86400)
#define KEEP_FAILED ((int64_t)90 * 86400)

/* Ids are random; so often one that is taken is drawn. */
#define DRAWS 16

bool queue_open(struct queue *queue, char ret_fault[HOME_FAULT_MAX])
{
    return home_open(&queue->home, "queue", ret_fault);
}

void queue_close(struct queue *queue)
{
    home_done(&queue->home);
}

/* --- names ---------------------------------------------------------------- */

bool queue_is_id(const char *text)
{
    size_t len = strspn(text, "0123456789abcdef");

    return len == QUEUE_ID_LEN && text[len] == '\0';
}

bool queue_id_of_file(const char *name, char ret_id[QUEUE_ID_LEN + 1])
{
    if (strlen(name) != QUEUE_ID_LEN + strlen(JOB_ENDING) ||
        strcmp(name + QUEUE_ID_LEN, JOB_ENDING) != 0) {
        return false;
    }
    memcpy(ret_id, name, QUEUE_ID_LEN);
    ret_id[QUEUE_ID_LEN] = '\0';
    return queue_is_id(ret_id);
}

static void name_of(const char *id, const char *ending, char name[FILE_MAX_LEN])
{
    (void)snprintf(name, FILE_MAX_LEN, "%.*s%s", QUEUE_ID_LEN, id, ending);
}

/* --- locks ---------------------------------------------------------------- */

static int lock_file(const struct queue *queue, const char *name)
{
    int fd = openat(queue->home.fd, name,
                    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error;

    if (fd < 0 || flock(fd, LOCK_EX) == 0) {
        return fd;
    }
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

/* The lock of all changes, held for a moment only. */
static int hold_changes(const struct queue *queue)
{
    int fd;

    do {
        fd = lock_file(queue, CHANGES_LOCK);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

int queue_hold(const struct queue *queue, const char *id)
{
    char name[FILE_MAX_LEN];
    char pid[32];
    size_t written;
    int fd;

    name_of(id, LOCK_ENDING, name);
    fd = lock_file(queue, name);
    if (fd >= 0) {
        /* It only helps people; the lock holds without it. */
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

    name_of(id, LOCK_ENDING, name);
    fd = openat(queue->home.fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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
    int fd = openat(queue->home.fd, RUN_LOCK, O_RDONLY | O_CLOEXEC);

    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
}

/* --- reading -------------------------------------------------------------- */

static int read_object(const struct queue *queue, const char *name,
                       json_t **ret_object)
{
    CLEANUP(close_file)
    int fd = openat(queue->home.fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    uint64_t length;
    int error;

    if (fd < 0) {
        return errno;
    }
    error = os_file_length(fd, &length);
    if (error) {
        return error;
    }
    *ret_object = length > TEXT_LIMIT ? NULL : json_loadfd(fd, 0, NULL);
    return *ret_object ? 0 : EILSEQ;
}

int queue_load(const struct queue *queue, const char *id,
               struct queue_job *ret_job)
{
    char name[FILE_MAX_LEN];
    json_t *object = NULL;
    int error;

    name_of(id, JOB_ENDING, name);
    error = read_object(queue, name, &object);
    if (error) {
        return error;
    }
    queue_job_init(ret_job);
    (void)snprintf(ret_job->id, sizeof(ret_job->id), "%.*s", QUEUE_ID_LEN, id);
    if (!queue_job_from_json(ret_job, object)) {
        queue_job_done(ret_job);
        error = EILSEQ;
    }
    json_decref(object);
    return error;
}

int queue_list(const struct queue *queue, struct config_list *ret_ids)
{
    int fd = openat(queue->home.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    char id[QUEUE_ID_LEN + 1];
    struct dirent *entry;
    int error = 0;

    *ret_ids = (struct config_list){0};
    if (!folder) {
        return errno;
    }
    errno = 0;
    while (!error && (entry = readdir(folder))) {
        if (queue_id_of_file(entry->d_name, id) &&
            !config_list_add(ret_ids, id)) {
            error = ENOMEM;
        }
    }
    error = error ? error : errno;
    (void)closedir(folder);
    if (error) {
        config_list_done(ret_ids);
    }
    return error;
}

/* --- writing -------------------------------------------------------------- */

static int write_fresh(const struct queue *queue, const char *name,
                       const char *text)
{
    (void)unlinkat(queue->home.fd, name, 0); /* of a process that died */
    return os_write_text(queue->home.fd, name, text);
}

/* The folder's lock is held. */
static int save(const struct queue *queue, const struct queue_job *job)
{
    CLEANUP(free_string) char *text = NULL;
    json_t *object = queue_job_to_json(job);
    char fresh[FILE_MAX_LEN];
    char name[FILE_MAX_LEN];
    int error;

    text = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
    json_decref(object);
    if (!text) {
        return ENOMEM;
    }
    name_of(job->id, FRESH_ENDING, fresh);
    name_of(job->id, JOB_ENDING, name);
    error = write_fresh(queue, fresh, text);
    if (error) {
        return error;
    }
    if (renameat(queue->home.fd, fresh, queue->home.fd, name) != 0 ||
        fsync(queue->home.fd) != 0) {
        return errno;
    }
    return 0;
}

static bool exists(const struct queue *queue, const char *id)
{
    char name[FILE_MAX_LEN];

    name_of(id, JOB_ENDING, name);
    return faccessat(queue->home.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool draw_id(const struct queue *queue, char id[QUEUE_ID_LEN + 1])
{
    uint32_t number;

    for (int i = 0; i < DRAWS && os_random(&number, sizeof(number)); i++) {
        (void)snprintf(id, QUEUE_ID_LEN + 1, "%08" PRIx32, number);
        if (!exists(queue, id)) {
            return true;
        }
    }
    return false;
}

int queue_add(const struct queue *queue, struct queue_job *job)
{
    CLEANUP(close_file) int lock = hold_changes(queue);

    if (lock < 0) {
        return errno;
    }
    return draw_id(queue, job->id) ? save(queue, job) : EAGAIN;
}

int queue_change(const struct queue *queue, const char *id,
                 bool (*change)(struct queue_job *job, void *context),
                 void *context)
{
    CLEANUP(close_file) int lock = hold_changes(queue);
    struct queue_job job;
    int error;

    if (lock < 0) {
        return errno;
    }
    error = queue_load(queue, id, &job);
    if (error) {
        return error;
    }
    if (change(&job, context)) {
        error = save(queue, &job);
    }
    queue_job_done(&job);
    return error;
}

int queue_remove(const struct queue *queue, const char *id)
{
    CLEANUP(close_file) int lock = hold_changes(queue);
    char name[FILE_MAX_LEN];

    if (lock < 0) {
        return errno;
    }
    name_of(id, JOB_ENDING, name);
    if (unlinkat(queue->home.fd, name, 0) != 0) {
        return errno;
    }
    name_of(id, LOCK_ENDING, name);
    (void)unlinkat(queue->home.fd, name, 0);
    return fsync(queue->home.fd) == 0 ? 0 : errno;
}

/* --- those that ended ----------------------------------------------------- */

static void for_each(const struct queue *queue,
                     void (*visit)(const struct queue *queue,
                                   const struct queue_job *job, void *context),
                     void *context)
{
    struct config_list ids;
    struct queue_job job;

    if (queue_list(queue, &ids) != 0) {
        return;
    }
    for (size_t i = 0; i < ids.count; i++) {
        if (queue_load(queue, ids.items[i], &job) == 0) {
            visit(queue, &job, context);
            queue_job_done(&job);
        }
    }
    config_list_done(&ids);
}

static void note_failed(const struct queue *queue, const struct queue_job *job,
                        void *context)
{
    bool *failed = context;

    (void)queue;
    *failed = *failed || job->state == QUEUE_FAILED;
}

bool queue_has_failed(const struct queue *queue)
{
    bool failed = false;

    for_each(queue, note_failed, &failed);
    return failed;
}

static void forget_old(const struct queue *queue, const struct queue_job *job,
                       void *context)
{
    const int64_t *now = context;
    int64_t age = *now - job->ended_at;

    if (!job->then_due && ((job->state == QUEUE_DONE && age > KEEP_DONE) ||
                           (job->state == QUEUE_FAILED && age > KEEP_FAILED))) {
        (void)queue_remove(queue, job->id);
    }
}

void queue_sweep(const struct queue *queue, int64_t now)
{
    for_each(queue, forget_old, &now);
}
